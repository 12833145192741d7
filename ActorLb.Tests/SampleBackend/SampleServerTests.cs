using System.Net;
using System.Net.Http.Json;
using System.Net.WebSockets;
using System.Text;
using System.Text.Json;
using ActorLb.Node.SampleBackend;
using Microsoft.Extensions.Logging.Abstractions;
using Xunit;

namespace ActorLb.Tests.SampleBackend;

public sealed class SampleServerTests : IAsyncLifetime, IDisposable
{
    private readonly SampleServer _ada = Create("ada");
    private readonly SampleServer _bob = Create("bob");
    private readonly HttpClient _browser = new(new SocketsHttpHandler { UseProxy = false });

    private static SampleServer Create(string name, TimeProvider? time = null) =>
        new(new IPEndPoint(IPAddress.Loopback, 0), name, NullLoggerFactory.Instance, time ?? TimeProvider.System);

    public async Task InitializeAsync()
    {
        await _ada.StartAsync(CancellationToken.None);
        await _bob.StartAsync(CancellationToken.None);
    }

    public async Task DisposeAsync()
    {
        await _ada.DisposeAsync();
        await _bob.DisposeAsync();
    }

    public void Dispose() => _browser.Dispose();

    // Cookies belong to a host and not to a port: one browser carries its session from server to server, as
    // through a balancer without affinity.
    private static string Url(SampleServer server, string path) => $"http://{server.Endpoint}{path}";

    private Task<HttpResponseMessage> LogIn(SampleServer server, string user) =>
        _browser.PostAsync(Url(server, "/login"), new FormUrlEncodedContent([new("name", user)]));

    [Fact]
    public async Task A_login_is_remembered_by_its_server_and_unknown_to_another()
    {
        string page = await (await LogIn(_ada, "Grace")).Content.ReadAsStringAsync();
        Assert.Contains("Hello <strong>Grace</strong>", page, StringComparison.Ordinal);

        string elsewhere = await _browser.GetStringAsync(Url(_bob, "/"));
        Assert.Contains("This server does not know you", elsewhere, StringComparison.Ordinal);
        Assert.DoesNotContain("Grace", elsewhere, StringComparison.Ordinal);

        string back = await _browser.GetStringAsync(Url(_ada, "/"));
        Assert.Contains("Hello <strong>Grace</strong>", back, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_new_visitor_is_not_called_a_stranger_and_is_counted()
    {
        string page = await _browser.GetStringAsync(Url(_ada, "/"));
        Assert.Contains("<h1>ada</h1>", page, StringComparison.Ordinal);
        Assert.Contains("You are not logged in", page, StringComparison.Ordinal);
        Assert.DoesNotContain("does not know you", page, StringComparison.Ordinal);

        for (int visit = 2; visit <= 4; visit++)
        {
            JsonElement who = await _browser.GetFromJsonAsync<JsonElement>(Url(_ada, "/whoami"));
            Assert.Equal(visit, who.GetProperty("visits").GetInt32());
            Assert.Equal("ada", who.GetProperty("server").GetString());
        }
    }

    [Fact]
    public async Task A_name_with_markup_is_shown_and_not_executed()
    {
        string page = await (await LogIn(_ada, "<script>alert('x')</script>")).Content.ReadAsStringAsync();

        Assert.DoesNotContain("<script", page, StringComparison.OrdinalIgnoreCase);
        Assert.Contains("&lt;script&gt;alert(&#x27;x&#x27;)&lt;/script&gt;", page, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("", 400)]
    [InlineData("   ", 400)]
    [InlineData("1234567890123456789012345678901234567890", 200)]
    [InlineData("12345678901234567890123456789012345678901", 400)]
    [InlineData("two\nlines", 400)]
    public async Task A_name_has_1_to_40_characters_on_one_line(string name, int status) =>
        Assert.Equal(status, (int)(await LogIn(_ada, name)).StatusCode);

    [Fact]
    public async Task A_login_never_continues_a_session_id_that_the_client_chose()
    {
        string chosen = new('a', 32);
        using var client = new HttpClient(new SocketsHttpHandler { UseProxy = false, UseCookies = false, AllowAutoRedirect = false });
        using var request = new HttpRequestMessage(HttpMethod.Post, Url(_ada, "/login"))
        {
            Content = new FormUrlEncodedContent([new("name", "Grace")]),
        };
        request.Headers.Add("Cookie", $"{SampleServer.CookieName}={chosen}");
        using HttpResponseMessage response = await client.SendAsync(request);

        Assert.Equal(HttpStatusCode.SeeOther, response.StatusCode);
        string cookie = Assert.Single(response.Headers.GetValues("Set-Cookie"));
        Assert.Matches("^SAMPLESESSION=[0-9a-f]{32};.*httponly", cookie);
        Assert.DoesNotContain(chosen, cookie, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Logging_out_forgets_the_visitor()
    {
        await LogIn(_ada, "Grace");
        string page = await (await _browser.PostAsync(Url(_ada, "/logout"), null)).Content.ReadAsStringAsync();
        Assert.Contains("You are not logged in", page, StringComparison.Ordinal);
    }

    [Fact]
    public async Task It_echoes_what_a_balancer_forwarded()
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, Url(_ada, "/whoami"));
        request.Headers.Add("X-Request-Id", "r-1");
        request.Headers.Add("X-Forwarded-For", "192.0.2.1, 192.0.2.2");
        request.Headers.Add("X-Forwarded-Proto", "https");
        request.Headers.Add("X-Forwarded-Host", "shop.example");
        JsonElement who = await (await _browser.SendAsync(request)).Content.ReadFromJsonAsync<JsonElement>();

        Assert.Equal("r-1", who.GetProperty("requestId").GetString());
        Assert.Equal("192.0.2.1, 192.0.2.2", who.GetProperty("forwardedFor").GetString());
        Assert.Equal("https", who.GetProperty("forwardedProto").GetString());
        Assert.Equal("shop.example", who.GetProperty("forwardedHost").GetString());
        Assert.Equal(JsonValueKind.Null, who.GetProperty("user").ValueKind);
    }

    [Fact]
    public async Task It_turns_sick_and_well_again_when_told()
    {
        Assert.Equal(HttpStatusCode.OK, (await _browser.GetAsync(Url(_ada, "/healthz"))).StatusCode);

        Assert.Equal(HttpStatusCode.OK, (await _browser.PostAsync(Url(_ada, "/healthz?status=503"), null)).StatusCode);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, (await _browser.GetAsync(Url(_ada, "/healthz"))).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await _browser.GetAsync(Url(_ada, "/"))).StatusCode);

        await _browser.PostAsync(Url(_ada, "/healthz?status=200"), null);
        Assert.Equal(HttpStatusCode.OK, (await _browser.GetAsync(Url(_ada, "/healthz"))).StatusCode);
    }

    [Theory]
    [InlineData("199", 400)]
    [InlineData("200", 200)]
    [InlineData("599", 200)]
    [InlineData("600", 400)]
    [InlineData("-503", 400)]
    [InlineData("sick", 400)]
    public async Task Only_final_statuses_can_be_set(string status, int answer) =>
        Assert.Equal(answer, (int)(await _browser.PostAsync(Url(_ada, $"/healthz?status={status}"), null)).StatusCode);

    [Fact]
    public async Task A_silent_server_accepts_and_never_answers_until_it_is_told_to_be_well()
    {
        await _browser.PostAsync(Url(_ada, "/behave?as=silent"), null);
        using var patience = new CancellationTokenSource(TimeSpan.FromMilliseconds(200));
        Task<HttpResponseMessage> probe = _browser.GetAsync(Url(_ada, "/healthz"), patience.Token);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => probe);

        await _browser.PostAsync(Url(_ada, "/behave?as=well"), null);
        Assert.Equal(HttpStatusCode.OK, (await _browser.GetAsync(Url(_ada, "/healthz"))).StatusCode);
    }

    [Fact]
    public async Task A_resetting_server_resets_connections_and_a_slow_one_answers()
    {
        await _browser.PostAsync(Url(_ada, "/behave?as=reset"), null);
        await Assert.ThrowsAsync<HttpRequestException>(() => _browser.GetAsync(Url(_ada, "/whoami")));

        await _browser.PostAsync(Url(_ada, "/behave?as=slow"), null);
        Assert.Equal("ada", (await _browser.GetFromJsonAsync<JsonElement>(Url(_ada, "/whoami"))).GetProperty("server").GetString());
    }

    [Theory]
    [InlineData("odd")]
    [InlineData("7")]
    [InlineData("")]
    public async Task A_behaviour_that_there_is_not_is_refused(string how) =>
        Assert.Equal(HttpStatusCode.BadRequest, (await _browser.PostAsync(Url(_ada, $"/behave?as={how}"), null)).StatusCode);

    [Fact]
    public async Task A_slow_answer_names_the_server_and_has_a_limit()
    {
        Assert.Equal("ada after 1 ms\n", await _browser.GetStringAsync(Url(_ada, "/slow?ms=1")));
        Assert.Equal(HttpStatusCode.BadRequest, (await _browser.GetAsync(Url(_ada, "/slow?ms=60001"))).StatusCode);
        Assert.Equal(HttpStatusCode.BadRequest, (await _browser.GetAsync(Url(_ada, "/slow"))).StatusCode);
    }

    [Fact]
    public async Task A_websocket_gets_its_text_back_with_the_servers_name()
    {
        using ClientWebSocket socket = await Connect();
        await Send(socket, "hel", WebSocketMessageType.Text, end: false);
        await Send(socket, "lo", WebSocketMessageType.Text);
        Assert.Equal("ada: hello", await Receive(socket));

        await Send(socket, "\u0001\u0002", WebSocketMessageType.Binary);
        Assert.Equal("\u0001\u0002", await Receive(socket));

        await socket.CloseAsync(WebSocketCloseStatus.NormalClosure, null, CancellationToken.None);
        Assert.Equal(WebSocketState.Closed, socket.State);
    }

    [Theory]
    [InlineData(SampleEcho.MessageBytesMax - 1, true)]
    [InlineData(SampleEcho.MessageBytesMax, true)]
    [InlineData(SampleEcho.MessageBytesMax + 1, false)]
    public async Task A_websocket_message_has_64_KiB_at_most(int length, bool echoed)
    {
        using ClientWebSocket socket = await Connect();
        await Send(socket, new string('x', length), WebSocketMessageType.Binary);
        var buffer = new byte[SampleEcho.MessageBytesMax + 1];
        int got = 0;
        ValueWebSocketReceiveResult part;
        do
        {
            part = await socket.ReceiveAsync(buffer.AsMemory(got), CancellationToken.None);
            got += part.Count;
        }
        while (!part.EndOfMessage);

        Assert.Equal(echoed ? length : 0, got);
        Assert.Equal(echoed ? null : WebSocketCloseStatus.MessageTooBig, socket.CloseStatus);
    }

    [Fact]
    public async Task Stopping_closes_open_websockets_in_good_order()
    {
        using ClientWebSocket socket = await Connect();
        await Send(socket, "hello", WebSocketMessageType.Text);
        await Receive(socket);

        Task stopping = _ada.StopAsync(CancellationToken.None);
        ValueWebSocketReceiveResult close = await socket.ReceiveAsync(new Memory<byte>(new byte[16]), CancellationToken.None);
        Assert.Equal(WebSocketMessageType.Close, close.MessageType);
        Assert.Equal(WebSocketCloseStatus.EndpointUnavailable, socket.CloseStatus);
        await socket.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, null, CancellationToken.None);
        await stopping.WaitAsync(TimeSpan.FromSeconds(30));
    }

    [Fact]
    public async Task Stopping_lets_a_request_finish()
    {
        var time = new TellingTime();
        await using SampleServer eve = Create("eve", time);
        await eve.StartAsync(CancellationToken.None);
        Task<string> slow = _browser.GetStringAsync(Url(eve, "/slow?ms=300"));
        await time.IsAwaited.WaitAsync(TimeSpan.FromSeconds(30));
        await eve.StopAsync(CancellationToken.None);
        Assert.Equal("eve after 300 ms\n", await slow);
    }

    private async Task<ClientWebSocket> Connect()
    {
        var socket = new ClientWebSocket();
        await socket.ConnectAsync(new Uri($"ws://{_ada.Endpoint}/ws"), CancellationToken.None);
        return socket;
    }

    private static Task Send(ClientWebSocket socket, string text, WebSocketMessageType type, bool end = true) =>
        socket.SendAsync(Encoding.UTF8.GetBytes(text), type, end, CancellationToken.None);

    private static async Task<string> Receive(ClientWebSocket socket)
    {
        var buffer = new byte[256];
        int got = 0;
        ValueWebSocketReceiveResult part;
        do
        {
            part = await socket.ReceiveAsync(buffer.AsMemory(got), CancellationToken.None);
            got += part.Count;
        }
        while (!part.EndOfMessage);

        return Encoding.UTF8.GetString(buffer, 0, got);
    }

    /// <summary>Says when the first request waits for a time.</summary>
    private sealed class TellingTime : TimeProvider
    {
        private readonly TaskCompletionSource _isAwaited = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task IsAwaited => _isAwaited.Task;

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            ITimer timer = base.CreateTimer(callback, state, dueTime, period);
            _isAwaited.TrySetResult();
            return timer;
        }
    }
}

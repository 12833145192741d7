using System.Net.WebSockets;
using System.Text;
using System.Text.Json;
using ActorLb.Shared.Backends;
using ActorLb.Shared.Settings;
using Microsoft.AspNetCore.Http;
using Xunit;

namespace ActorLb.Tests.Lane;

public abstract class AccessLogTests(ListenerEngine engine)
{
    internal static readonly AccessLogSettings Json = new("unused", AccessLogFormat.Json, 64 * 1024);

    private static readonly LaneOptions Logged = new() { AccessLog = Json };

    [Fact]
    public async Task A_request_is_one_line_that_says_who_asked_for_what_and_who_answered()
    {
        await using SampleBackend backend = await SampleBackend.NamedAsync("hello");
        await using TestLane lane = await TestLane.StartAsync(engine, Logged, backend.Address);

        using RawClient client = await RawClient.ConnectAsync(lane.Endpoint);
        await client.SendAsync(
            "GET /a?b HTTP/1.1\r\nHost: x\r\nReferer: http://r/\r\nUser-Agent: me \"and\" you\r\nX-Request-Id: id-1\r\n\r\n");
        await client.ReadHeadAsync();

        JsonElement line = await NextAsync(lane);
        Assert.Equal("127.0.0.1", Text(line, "client"));
        Assert.Equal("GET /a?b HTTP/1.1", $"{Text(line, "method")} {Text(line, "target")} {Text(line, "version")}");
        Assert.Equal((200, 5), (line.GetProperty("status").GetInt32(), line.GetProperty("bytes").GetInt64()));
        Assert.Equal(("http://r/", "me \"and\" you"), (Text(line, "referer"), Text(line, "userAgent")));
        Assert.Equal(("web", backend.Address.Authority, "id-1", ""), (Text(line, "pool"), Text(line, "backend"), Text(line, "requestId"), Text(line, "reason")));
        Assert.InRange(line.GetProperty("microseconds").GetInt64(), 1, 30_000_000);
    }

    [Fact]
    public async Task Every_request_of_a_connection_has_its_own_line_and_count()
    {
        await using SampleBackend backend = await SampleBackend.StartAsync(c => c.Response.WriteAsync(new string('x', c.Request.Path.Value!.Length * 1000)));
        await using TestLane lane = await TestLane.StartAsync(engine, Logged, backend.Address);
        foreach (string path in (string[])["/", "/abc", "/ab"])
        {
            await lane.GetAsync(path);
            JsonElement line = await NextAsync(lane);
            Assert.Equal(path, Text(line, "target"));
            Assert.Equal(path.Length * 1000, line.GetProperty("bytes").GetInt64());
        }
    }

    [Fact]
    public async Task A_request_that_nobody_could_serve_has_its_reason()
    {
        (Uri refusing, IDisposable owner) = NoBackend.Refusing();
        using var _ = owner;
        await using TestLane lane = await TestLane.StartAsync(engine, Logged with { RetryAttempts = 0 }, refusing);
        using HttpResponseMessage response = await lane.SendAsync(HttpMethod.Get, "/");
        JsonElement line = await NextAsync(lane);
        Assert.Equal((502, "backend-connect-failed", refusing.Authority), (line.GetProperty("status").GetInt32(), Text(line, "reason"), Text(line, "backend")));
        Assert.Equal(response.Content.Headers.ContentLength, line.GetProperty("bytes").GetInt64());
    }

    [Fact]
    public async Task A_retry_that_succeeded_leaves_no_reason()
    {
        (Uri refusing, IDisposable owner) = NoBackend.Refusing();
        using var _ = owner;
        await using SampleBackend well = await SampleBackend.NamedAsync("well");
        await using TestLane lane = await TestLane.StartAsync(engine, Logged, refusing, well.Address);
        await lane.GetAsync();
        JsonElement line = await NextAsync(lane);
        Assert.Equal((200, "", well.Address.Authority), (line.GetProperty("status").GetInt32(), Text(line, "reason"), Text(line, "backend")));
    }

    [Fact]
    public async Task A_request_that_the_parser_refuses_is_a_line_too()
    {
        await using SampleBackend backend = await SampleBackend.NamedAsync("a");
        await using TestLane lane = await TestLane.StartAsync(engine, Logged, backend.Address);
        await RawClient.ExchangeAsync(lane.Endpoint, "GET / HTTP/1.1\r\nHost: x\r\nbad header\r\n\r\n");
        JsonElement line = await NextAsync(lane);
        Assert.Equal((400, "bad-request", "127.0.0.1", ""), (line.GetProperty("status").GetInt32(), Text(line, "reason"), Text(line, "client"), Text(line, "backend")));
    }

    [Fact]
    public async Task A_client_that_left_before_its_answer_is_a_499()
    {
        await using var silent = new RawBackend(async connection =>
        {
            await connection.ReadHeadAsync();
            await connection.UntilClosedAsync();
        });
        await using TestLane lane = await TestLane.StartAsync(engine, Logged, silent.Address);
        RawClient client = await RawClient.ConnectAsync(lane.Endpoint);
        await client.SendAsync("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
        await TestLane.UntilAsync(() => silent.Requests == 1);
        client.Dispose();
        JsonElement line = await NextAsync(lane);
        Assert.Equal((499, "client-gone"), (line.GetProperty("status").GetInt32(), Text(line, "reason")));
    }

    [Fact]
    public async Task An_answer_that_broke_off_keeps_its_status_and_says_why()
    {
        var seen = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var breaking = new RawBackend(async connection =>
        {
            await connection.ReadHeadAsync();
            await connection.WriteAsync("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\npart");

            // A reset makes the client's system forget what the client has not read.
            await seen.Task;
        });
        await using TestLane lane = await TestLane.StartAsync(engine, Logged, breaking.Address);
        using RawClient client = await RawClient.ConnectAsync(lane.Endpoint);
        await client.SendAsync("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
        Assert.StartsWith("HTTP/1.1 200", await client.ReadHeadAsync(), StringComparison.Ordinal);
        seen.SetResult();
        JsonElement line = await NextAsync(lane);
        Assert.Equal((200, 4), (line.GetProperty("status").GetInt32(), line.GetProperty("bytes").GetInt64()));
        Assert.Equal("backend-reset", Text(line, "reason"));
    }

    [Fact]
    public async Task An_answer_that_stood_still_keeps_its_status_and_says_why()
    {
        await using var stalling = new RawBackend(async connection =>
        {
            await connection.ReadHeadAsync();
            await connection.WriteAsync("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\npart");
            await connection.UntilClosedAsync();
        });
        await using TestLane lane = await TestLane.StartAsync(
            engine, Logged with { ResponseTimeout = TimeSpan.FromSeconds(2) }, stalling.Address);
        using RawClient client = await RawClient.ConnectAsync(lane.Endpoint);
        await client.SendAsync("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
        JsonElement line = await NextAsync(lane);
        Assert.Equal((200, 4), (line.GetProperty("status").GetInt32(), line.GetProperty("bytes").GetInt64()));
        Assert.Equal("backend-timeout", Text(line, "reason"));
    }

    [Fact]
    public async Task An_answer_that_its_client_does_not_take_is_the_clients_timeout()
    {
        await using var generous = new RawBackend(async connection =>
        {
            await connection.ReadHeadAsync();
            await connection.WriteAsync("HTTP/1.1 200 OK\r\nContent-Length: 1000000000\r\n\r\n");
            string megabyte = new('x', 1 << 20);
            for (int i = 0; i < 1000; i++)
            {
                await connection.WriteAsync(megabyte);
            }
        });
        await using TestLane lane = await TestLane.StartAsync(
            engine, Logged with { ResponseTimeout = TimeSpan.FromSeconds(2) }, generous.Address);
        using RawClient client = await RawClient.ConnectAsync(lane.Endpoint);
        await client.SendAsync("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
        JsonElement line = await NextAsync(lane);
        Assert.Equal((200, "client-timeout"), (line.GetProperty("status").GetInt32(), Text(line, "reason")));
    }

    [Fact]
    public async Task A_web_socket_is_one_line_when_it_ends()
    {
        await using SampleBackend backend = await WebSocketTests.EchoAsync("a");
        await using TestLane lane = await TestLane.StartAsync(engine, Logged, backend.Address);
        using var socket = new ClientWebSocket();
        await socket.ConnectAsync(new Uri($"ws://{lane.Endpoint}/echo"), CancellationToken.None);
        Assert.Equal("a:one", await WebSocketTests.EchoAsync(socket, "one"));
        Assert.Equal(0, lane.Plane.AccessLog!.Ring.Read(new byte[64 * 1024], out _));

        await socket.CloseAsync(WebSocketCloseStatus.NormalClosure, null, CancellationToken.None);

        JsonElement line = await NextAsync(lane);
        Assert.Equal((101, "/echo", ""), (line.GetProperty("status").GetInt32(), Text(line, "target"), Text(line, "reason")));
    }

    [Fact]
    public async Task A_full_buffer_costs_no_request_anything()
    {
        await using SampleBackend backend = await SampleBackend.NamedAsync("a");
        await using TestLane lane = await TestLane.StartAsync(engine, Logged, backend.Address);
        while (lane.Plane.AccessLog!.TryWrite("full\n"u8))
        {
        }

        Assert.Equal("a", await lane.GetAsync());
        await TestLane.UntilAsync(() => lane.Plane.AccessLog.Dropped == 2);
    }

    [Fact]
    public async Task Without_a_path_there_is_no_log()
    {
        await using SampleBackend backend = await SampleBackend.NamedAsync("a");
        await using TestLane lane = await TestLane.StartAsync(engine, backend.Address);
        Assert.Null(lane.Plane.AccessLog);
        Assert.Equal("a", await lane.GetAsync());
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_request_that_waited_for_a_backend_and_reached_none_names_its_pool_alone(bool sticky)
    {
        var released = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using SampleBackend busy = await SampleBackend.StartAsync(async c =>
        {
            await released.Task;
            await c.Response.WriteAsync("held");
        });
        await using TestLane lane = await TestLane.StartAsync(engine, Logged with { MaxConnections = 1, Sticky = sticky }, busy.Address);
        Task<string> inside = lane.GetAsync();
        await TestLane.UntilAsync(() => lane.Traffic(busy.Address).InFlight == 1);
        Task<HttpResponseMessage> waiting = lane.SendAsync(HttpMethod.Get, "/waits");
        await TestLane.UntilAsync(() => lane.Traffic(busy.Address).Gate.Waiting == 1);

        lane.Publish(busy.Address, state: OperatorState.Draining);
        released.SetResult();

        Assert.Equal("held", await inside);
        using HttpResponseMessage answer = await waiting;
        Assert.Equal("no-backend", TestLane.ReasonOf(answer));
        JsonElement line = (await NextAsync(lane, 2)).Single(l => Text(l, "target") == "/waits");
        Assert.Equal((503, "no-backend"), (line.GetProperty("status").GetInt32(), Text(line, "reason")));
        Assert.Equal(("web", ""), (Text(line, "pool"), Text(line, "backend")));
        Assert.Equal(1, lane.Traffic(busy.Address).Requests);
    }

    private static string? Text(JsonElement line, string name) => line.GetProperty(name).GetString();

    // The line is written after the client has its answer.
    /// <summary>The next line of the access log.</summary>
    internal static async Task<JsonElement> NextAsync(TestLane lane) => Assert.Single(await NextAsync(lane, 1));

    internal static async Task<List<JsonElement>> NextAsync(TestLane lane, int count)
    {
        var buffer = new byte[64 * 1024];
        var lines = new List<JsonElement>();
        await TestLane.UntilAsync(() =>
        {
            int bytes = lane.Plane.AccessLog!.Ring.Read(buffer, out _);
            string[] read = Encoding.ASCII.GetString(buffer, 0, bytes).Split('\n', StringSplitOptions.RemoveEmptyEntries);
            lines.AddRange(read.Select(l => JsonDocument.Parse(l).RootElement));
            return lines.Count >= count;
        });
        return lines;
    }
}

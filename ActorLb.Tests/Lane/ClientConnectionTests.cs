using System.Net.WebSockets;
using System.Text;
using ActorLb.Shared.Settings;
using Xunit;

namespace ActorLb.Tests.Lane;

/// <summary>What a client may do with its connection of HTTP/1.1, with or without TLS.</summary>
public abstract class ClientConnectionTests(ListenerEngine engine, bool tls) : IDisposable
{
    private const string Pipeline =
        "GET /1 HTTP/1.1\r\nHost: h\r\n\r\nPOST /2 HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n\r\nhello"
        + "POST /3 HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhe\r\n3;a=b\r\nllo\r\n0\r\nX: y\r\n\r\n"
        + "GET /4 HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n";

    private readonly CertificateFiles _files = new();

    private LaneOptions Options => new() { Engine = engine, Tls = tls ? _files.Pem : null };

    public void Dispose()
    {
        _files.Dispose();
        GC.SuppressFinalize(this);
    }

    [Fact]
    public async Task Requests_that_come_together_are_answered_in_their_order_wherever_their_bytes_are_split()
    {
        await using SampleBackend backend = await EchoAsync();
        await using TestLane lane = await TestLane.StartAsync(Options, backend.Address);
        for (int split = 0; split < Pipeline.Length; split++)
        {
            using RawClient client = await RawClient.ConnectAsync(lane.Endpoint, tls);
            await client.SendAsync(Pipeline[..split]);
            await client.SendAsync(Pipeline[split..]);

            string answers = await client.ReadToEndAsync();

            Assert.Matches(@"(?s)^HTTP/1\.1 200.*\[/1 \]HTTP/1\.1 200.*\[/2 hello\]HTTP/1\.1 200.*\[/3 hello\]HTTP/1\.1 200.*\[/4 \]$", answers);
        }
    }

    [Fact]
    public async Task A_request_may_come_byte_by_byte()
    {
        await using SampleBackend backend = await EchoAsync();
        await using TestLane lane = await TestLane.StartAsync(Options, backend.Address);
        using RawClient client = await RawClient.ConnectAsync(lane.Endpoint, tls);
        foreach (char c in Pipeline)
        {
            await client.SendAsync(c.ToString());
        }

        Assert.Matches(@"(?s)\[/1 \].*\[/2 hello\].*\[/3 hello\].*\[/4 \]$", await client.ReadToEndAsync());
    }

    [Fact]
    public async Task More_requests_than_a_buffer_holds_may_come_at_once()
    {
        const int Requests = 500;
        await using SampleBackend backend = await EchoAsync();
        await using TestLane lane = await TestLane.StartAsync(Options, backend.Address);
        using RawClient client = await RawClient.ConnectAsync(lane.Endpoint, tls);
        var all = new StringBuilder();
        for (int i = 0; i < Requests; i++)
        {
            all.Append($"POST /{i} HTTP/1.1\r\nHost: h\r\nX: {new string('x', i)}\r\nContent-Length: {i}\r\n\r\n{new string('y', i)}");
        }

        Task sending = client.SendAsync(all.ToString());
        for (int i = 0; i < Requests; i++)
        {
            Assert.Equal($"[/{i} {new string('y', i)}]", (await client.ReadAnswerAsync()).Body);
        }

        await sending;
    }

    [Fact]
    public async Task Each_small_piece_of_an_upload_goes_on_as_it_comes()
    {
        var pieces = new List<TaskCompletionSource<string>>();
        for (int i = 0; i < 20; i++)
        {
            pieces.Add(new TaskCompletionSource<string>(TaskCreationOptions.RunContinuationsAsynchronously));
        }

        await using var backend = new RawBackend(async connection =>
        {
            await connection.ReadHeadAsync();
            foreach (TaskCompletionSource<string> piece in pieces)
            {
                piece.SetResult(await connection.Stream.ReadTextAsync("1\r\na\r\n".Length));
            }

            await connection.Stream.ReadTextAsync("0\r\n\r\n".Length);
            await connection.AnswerAsync("ok");
        });
        await using TestLane lane = await TestLane.StartAsync(Options, backend.Address);
        using RawClient client = await RawClient.ConnectAsync(lane.Endpoint, tls);

        await client.SendAsync("POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n");
        foreach (TaskCompletionSource<string> piece in pieces)
        {
            await client.SendAsync("1\r\na\r\n");
            Assert.Equal("1\r\na\r\n", await piece.Task.WaitAsync(TimeSpan.FromSeconds(30)));
        }

        await client.SendAsync("0\r\n\r\n");
        Assert.Equal("ok", (await client.ReadAnswerAsync()).Body);
    }

    [Fact]
    public async Task A_client_that_waits_for_100_and_hears_of_none_may_send_its_body()
    {
        var arrived = new TaskCompletionSource<string>(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var backend = new RawBackend(async connection =>
        {
            while (await connection.ReadHeadAsync() is { } head)
            {
                arrived.TrySetResult(head);
                await connection.Stream.ReadTextAsync(5);
                await connection.AnswerAsync("ok");
            }
        });
        await using TestLane lane = await TestLane.StartAsync(Options, backend.Address);
        using RawClient client = await RawClient.ConnectAsync(lane.Endpoint, tls);

        for (int i = 0; i < 2; i++)
        {
            await client.SendAsync("POST / HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\n");
            Assert.Contains("100-continue", await arrived.Task.WaitAsync(TimeSpan.FromSeconds(30)), StringComparison.Ordinal);
            await client.SendAsync("hello");
            Assert.Equal("ok", (await client.ReadAnswerAsync()).Body);
        }
    }

    [Fact]
    public async Task A_client_that_waits_for_100_hears_of_it_from_its_backend()
    {
        await using var backend = new RawBackend(async connection =>
        {
            await connection.ReadHeadAsync();
            await connection.WriteAsync("HTTP/1.1 100 Go On\r\nX-Why: me\r\n\r\n");
            await connection.Stream.ReadTextAsync(5);
            await connection.AnswerAsync("ok");
        });
        await using TestLane lane = await TestLane.StartAsync(Options, backend.Address);
        using RawClient client = await RawClient.ConnectAsync(lane.Endpoint, tls);

        await client.SendAsync("POST / HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\n");
        Assert.Equal("HTTP/1.1 100 Go On\r\nX-Why: me\r\n\r\n", await client.ReadHeadAsync());
        await client.SendAsync("hello");
        Assert.Equal("ok", (await client.ReadAnswerAsync()).Body);
    }

    [Fact]
    public async Task A_backend_that_refuses_before_the_body_has_its_answer_passed_on_and_the_connection_ends()
    {
        await using var backend = new RawBackend(async connection =>
        {
            await connection.ReadHeadAsync();
            await connection.WriteAsync("HTTP/1.1 413 Content Too Large\r\nContent-Length: 3\r\n\r\nbig");
            await connection.UntilClosedAsync();
        });
        await using TestLane lane = await TestLane.StartAsync(Options, backend.Address);

        string answer = await RawClient.ExchangeAsync(
            lane.Endpoint, "POST / HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\n", tls);

        Assert.StartsWith("HTTP/1.1 413 ", answer, StringComparison.Ordinal);
        Assert.Contains("\r\nConnection: close\r\n", answer, StringComparison.Ordinal);
        Assert.EndsWith("\r\n\r\nbig", answer, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_client_that_ends_its_side_gets_its_answer()
    {
        var gate = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var backend = new RawBackend(async connection =>
        {
            await connection.ReadHeadAsync();
            await connection.Stream.ReadTextAsync(5);
            await gate.Task;
            await connection.AnswerAsync("ok");
        });
        await using TestLane lane = await TestLane.StartAsync(Options, backend.Address);
        using RawClient client = await RawClient.ConnectAsync(lane.Endpoint, tls);

        await client.SendAsync("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n\r\nhello");
        client.Finish();
        await TestLane.UntilAsync(() => backend.Requests == 1);
        gate.SetResult();

        Assert.Equal("ok", (await client.ReadAnswerAsync()).Body);
        Assert.Equal("", await client.ReadToEndAsync());
    }

    [Theory]
    [InlineData("GET / HTTP/1.1\r\nHost: h\r\n\r\n")]
    [InlineData("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 100\r\n\r\npart")]
    [InlineData("GET / HTTP/1.1\r\nHost: h\r\n\r\nGET /next HTTP/1.1\r\n")]
    public async Task A_client_that_resets_its_connection_cancels_its_backends_work(string request)
    {
        var cancelled = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var backend = new RawBackend(async connection =>
        {
            await connection.ReadHeadAsync();
            await connection.UntilClosedAsync();
            cancelled.SetResult();
        });
        await using TestLane lane = await TestLane.StartAsync(Options, backend.Address);
        using RawClient client = await RawClient.ConnectAsync(lane.Endpoint, tls);
        await client.SendAsync(request);
        await TestLane.UntilAsync(() => backend.Requests == 1);

        client.Reset();

        await cancelled.Task.WaitAsync(TimeSpan.FromSeconds(30));
        await TestLane.UntilAsync(() => lane.Traffic(backend.Address).InFlight == 0);
        Assert.Equal(0, lane.Traffic(backend.Address).Failures);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_client_that_leaves_a_stream_is_noticed_when_it_goes_on(bool resets)
    {
        var left = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var backend = new RawBackend(async connection =>
        {
            await connection.ReadHeadAsync();
            await connection.WriteAsync("HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n");
            try
            {
                while (true)
                {
                    await connection.WriteAsync("data: x\n\n");
                    await Task.Delay(20, connection.Stopping);
                }
            }
            finally
            {
                left.SetResult();
            }
        });
        await using TestLane lane = await TestLane.StartAsync(Options, backend.Address);
        using RawClient client = await RawClient.ConnectAsync(lane.Endpoint, tls);
        await client.SendAsync("GET / HTTP/1.1\r\nHost: h\r\n\r\n");
        Assert.StartsWith("HTTP/1.1 200", await client.ReadHeadAsync(), StringComparison.Ordinal);

        if (resets)
        {
            client.Reset();
        }
        else
        {
            client.Dispose();
        }

        await left.Task.WaitAsync(TimeSpan.FromSeconds(30));
        await TestLane.UntilAsync(() => lane.Traffic(backend.Address).InFlight == 0);
        Assert.Equal(0, lane.Traffic(backend.Address).Failures);
    }

    [Fact]
    public async Task A_connection_goes_on_after_an_upgrade_that_was_not_made()
    {
        await using SampleBackend backend = await EchoAsync();
        await using TestLane lane = await TestLane.StartAsync(Options, backend.Address);
        using RawClient client = await RawClient.ConnectAsync(lane.Endpoint, tls);

        for (int i = 0; i < 3; i++)
        {
            await client.SendAsync("GET /up HTTP/1.1\r\nHost: h\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\nGET /next HTTP/1.1\r\nHost: h\r\n\r\n");
            Assert.Equal("[/up ]", (await client.ReadAnswerAsync()).Body);
            Assert.Equal("[/next ]", (await client.ReadAnswerAsync()).Body);
        }
    }

    [Fact]
    public async Task What_a_client_says_right_behind_its_upgrade_is_the_tunnels()
    {
        await using var backend = new RawBackend(async connection =>
        {
            await connection.ReadHeadAsync();
            await connection.WriteAsync("HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n");
            string said = await connection.Stream.ReadTextAsync(5);
            await connection.WriteAsync($"{said} back");
        });
        await using TestLane lane = await TestLane.StartAsync(Options, backend.Address);

        string answer = await RawClient.ExchangeAsync(
            lane.Endpoint, "GET / HTTP/1.1\r\nHost: h\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\nhello", tls);

        Assert.StartsWith("HTTP/1.1 101 Switching Protocols\r\n", answer, StringComparison.Ordinal);
        Assert.EndsWith("\r\n\r\nhello back", answer, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_web_socket_goes_through()
    {
        await using SampleBackend backend = await WebSocketTests.EchoAsync("a");
        await using TestLane lane = await TestLane.StartAsync(Options, backend.Address);
        using var socket = new ClientWebSocket();
        socket.Options.RemoteCertificateValidationCallback = (_, certificate, _, _) => certificate?.Subject == "CN=localhost";

        await socket.ConnectAsync(new Uri($"{(tls ? "wss" : "ws")}://{lane.Endpoint}/echo"), CancellationToken.None);

        for (int i = 0; i < 10; i++)
        {
            Assert.Equal($"a:{i}", await WebSocketTests.EchoAsync(socket, $"{i}"));
        }

        await socket.CloseAsync(WebSocketCloseStatus.NormalClosure, null, CancellationToken.None);
    }

    [Fact]
    public async Task A_client_of_HTTP_1_0_keeps_its_connection_where_it_asks_for_it()
    {
        await using SampleBackend backend = await EchoAsync();
        await using TestLane lane = await TestLane.StartAsync(Options, backend.Address);
        using RawClient client = await RawClient.ConnectAsync(lane.Endpoint, tls);

        for (int i = 0; i < 2; i++)
        {
            await client.SendAsync($"GET /{i} HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
            (string head, string body) = await client.ReadAnswerAsync();
            Assert.Contains("\r\nConnection: keep-alive\r\n", head, StringComparison.Ordinal);
            Assert.Equal($"[/{i} ]", body);
        }

        await client.SendAsync("GET /last HTTP/1.0\r\n\r\n");
        Assert.EndsWith("[/last ]", await client.ReadToEndAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_large_answer_and_a_large_upload_arrive_whole()
    {
        await using SampleBackend backend = await EchoAsync();
        await using TestLane lane = await TestLane.StartAsync(Options, backend.Address);
        using RawClient client = await RawClient.ConnectAsync(lane.Endpoint, tls);
        string body = string.Concat(Enumerable.Range(0, 200_000).Select(i => $"{i},"));

        Task sending = client.SendAsync($"POST /x HTTP/1.1\r\nHost: h\r\nContent-Length: {body.Length}\r\n\r\n{body}");

        Assert.Equal($"[/x {body}]", (await client.ReadAnswerAsync()).Body);
        await sending;
    }

    /// <summary>Answers with path and body, once it has read all of it.</summary>
    private static Task<SampleBackend> EchoAsync() => SampleBackend.StartAsync(async c =>
    {
        byte[] answer = Encoding.Latin1.GetBytes($"[{c.Request.Path} {await new StreamReader(c.Request.Body, Encoding.Latin1).ReadToEndAsync()}]");
        c.Response.ContentLength = answer.Length;
        await c.Response.Body.WriteAsync(answer);
    });
}

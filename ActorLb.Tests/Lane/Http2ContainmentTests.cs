using System.Net;
using ActorLb.Engine.Http2;
using ActorLb.Shared.Settings;
using Xunit;

namespace ActorLb.Tests.Lane;

/// <summary>Backends that end a connection of HTTP/2 for what one request holds, and what becomes of everybody else's.</summary>
public sealed class Http2ContainmentTests
{
    private const string Attacker = "10.0.0.1";
    private const string Victim = "10.0.0.2";

    private static readonly LaneOptions Options = new()
    {
        Protocol = BackendProtocol.Http2,
        Http2 = ListenerHttp2.Cleartext,
        AskedEngine = ListenerEngine.Auto,
        Sticky = false,
        TrustedProxies = [IPNetwork.Parse("127.0.0.0/8")],
        ConnectTimeout = TimeSpan.FromSeconds(20),
    };

    /// <summary>How a server ends a connection whose last block it cannot bear.</summary>
    public static TheoryData<string> Ends { get; } = ["go-away", "go-away-of-all", "close", "reset"];

    [Theory]
    [MemberData(nameof(Ends))]
    public async Task Who_ends_a_connection_once_ends_nobody_elses_again(string how)
    {
        await using RawBackend a = Backend(how);
        await using RawBackend b = Backend(how);
        await using TestLane lane = await TestLane.StartAsync(Options, a.Address, b.Address);
        await PoisonAsync(lane);

        // One at each of the two.
        var streams = new List<HttpResponseMessage>();
        for (int i = 0; i < 2; i++)
        {
            streams.Add(await SendAsync(lane, Victim, "/quiet"));
            Assert.Equal(HttpStatusCode.OK, streams[i].StatusCode);
        }

        for (int i = 0; i < 4; i++)
        {
            await PoisonAsync(lane);
        }

        for (int i = 0; i < 2; i++)
        {
            using HttpResponseMessage more = await SendAsync(lane, Victim, "/more");
            Assert.Equal("more", await more.Content.ReadAsStringAsync());
        }

        foreach (HttpResponseMessage stream in streams)
        {
            Assert.Equal("first, last", await stream.Content.ReadAsStringAsync());
            stream.Dispose();
        }
    }

    [Fact]
    public async Task A_call_that_was_cancelled_at_once_is_suspected_as_well()
    {
        using var begun = new SemaphoreSlim(0);
        using var ended = new SemaphoreSlim(0);
        await using RawBackend backend = RawHttp2Server.Backend(async (server, connection) =>
        {
            int quiet = 0;
            while (true)
            {
                FrameHeader frame = (await server.ReadAsync()).Header;
                if (frame.Type == FrameType.ResetStream)
                {
                    // The call that was reset is what this one cannot bear.
                    connection.Close();
                    ended.Release();
                    return;
                }

                if (frame.Type != FrameType.Headers)
                {
                    continue;
                }

                if (connection.Number != 2)
                {
                    begun.Release();
                }
                else if (quiet == 0)
                {
                    quiet = frame.StreamId;
                    await server.WriteHeadAsync(quiet, false, (":status", "200"));
                    await server.WriteDataAsync(quiet, "first", ends: false);
                }
                else
                {
                    await server.WriteDataAsync(quiet, ", last", ends: true);
                    await server.AnswerAsync(frame.StreamId, "more");
                }
            }
        });
        await using TestLane lane = await TestLane.StartAsync(Options, backend.Address);
        await CancelAsync();

        using HttpResponseMessage stream = await SendAsync(lane, Victim, "/quiet");
        await CancelAsync();
        using HttpResponseMessage more = await SendAsync(lane, Victim, "/more");

        Assert.Equal("more", await more.Content.ReadAsStringAsync());
        Assert.Equal("first, last", await stream.Content.ReadAsStringAsync());
        Assert.Equal(3, backend.Connections);

        async Task CancelAsync()
        {
            using RawClient client = await RawClient.ConnectAsync(lane.Endpoint);
            await client.SendAsync($"GET / HTTP/1.1\r\nHost: x\r\nX-Forwarded-For: {Attacker}\r\n\r\n");
            Assert.True(await begun.WaitAsync(TimeSpan.FromSeconds(30)));
            client.Reset();
            Assert.True(await ended.WaitAsync(TimeSpan.FromSeconds(30)));
        }
    }

    [Fact]
    public async Task Who_leaves_without_an_error_has_nobody_suspected()
    {
        await using RawBackend backend = RawHttp2Server.Backend(async (server, connection) =>
        {
            int id = (await server.ReadRequestAsync()).Id;
            if (connection.Number == 1)
            {
                await server.WriteAsync(FrameType.GoAway, 0, 0, [0, 0, 0, 0, 0, 0, 0, 0]);
                return;
            }

            // Both clients' calls on one connection.
            int other = (await server.ReadRequestAsync()).Id;
            await server.AnswerAsync(id, "one");
            await server.AnswerAsync(other, "other");
            await server.UntilClosedAsync();
        });
        await using TestLane lane = await TestLane.StartAsync(Options, backend.Address);

        Task<HttpResponseMessage> one = SendAsync(lane, Attacker, "/");
        await TestLane.UntilAsync(() => backend.Connections == 2);
        Task<HttpResponseMessage> other = SendAsync(lane, Victim, "/");

        Assert.Equal(HttpStatusCode.OK, (await one).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await other).StatusCode);
        Assert.Equal(2, backend.Connections);
    }

    [Theory]
    [InlineData(0, HttpStatusCode.OK)]
    [InlineData(1, HttpStatusCode.RequestHeaderFieldsTooLarge)]
    public async Task A_head_beyond_what_the_backend_takes_is_not_sent(int beyond, HttpStatusCode status)
    {
        // What goes along of ours is counted by the first request.
        int sent = 0;
        await using RawBackend counting = RawHttp2Server.Backend(async (server, _) =>
        {
            (int id, Dictionary<string, string> fields) = await server.ReadRequestAsync();
            sent = fields.Sum(f => f.Key.Length + f.Value.Length + 32);
            await server.AnswerAsync(id, "counted");
        });
        await using (TestLane lane = await TestLane.StartAsync(Options, counting.Address))
        {
            using HttpResponseMessage counted = await SendAsync(lane, Victim, "/", counting.Address.Authority);
            Assert.Equal(HttpStatusCode.OK, counted.StatusCode);
        }

        await using RawBackend backend = RawHttp2Server.Backend(
            async (server, _) =>
            {
                while (true)
                {
                    (int id, Dictionary<string, string> _) = await server.ReadRequestAsync();
                    await server.AnswerAsync(id, "ok");
                }
            },
            new Setting(SettingId.MaxHeaderListSize, (uint)sent));
        await using TestLane strict = await TestLane.StartAsync(Options, backend.Address);

        using HttpResponseMessage answer = await SendAsync(strict, Victim, "/" + new string('x', beyond), counting.Address.Authority);

        Assert.Equal(status, answer.StatusCode);
        Assert.Equal(status == HttpStatusCode.OK ? 1 : 0, backend.Requests);
    }

    [Theory]
    [InlineData("x-bin", "!!!")]
    [InlineData("x", "\u00ff")]
    public async Task Metadata_that_is_none_reaches_no_backend(string name, string value)
    {
        await using SampleBackend backend = await SampleBackend.OfHttp2Async(_ => Task.CompletedTask);
        await using TestLane lane = await TestLane.StartAsync(Options, backend.Address);
        using RawHttp2Client client = await RawHttp2Client.ConnectAsync(lane.Endpoint, tls: false);

        Http2Answer answer = await client.ExchangeAsync(
            [(":method", "POST"), (":scheme", "http"), (":authority", "x"), (":path", "/"), ("content-type", "application/grpc"), (name, value)], "");

        Assert.Equal(200, answer.Status);
        Assert.True(answer.IsWhole);
        Assert.Empty(backend.Seen);
        answer = await client.ExchangeAsync(
            [(":method", "POST"), (":scheme", "http"), (":authority", "x"), (":path", "/"), ("content-type", "application/grpc"), ("x-bin", "AAA")], "");
        Assert.Single(backend.Seen);
    }

    /// <summary>Ends a connection for /poison; answers /quiet by a beginning, and /more by its end.</summary>
    private static RawBackend Backend(string how) => RawHttp2Server.Backend(async (server, connection) =>
    {
        int quiet = 0;
        while (true)
        {
            (int id, Dictionary<string, string> fields) = await server.ReadRequestAsync();
            switch (fields[":path"])
            {
                case "/poison" when how == "go-away":
                    await server.WriteAsync(FrameType.GoAway, 0, 0, [0, 0, 0, (byte)Math.Max(0, id - 2), 0, 0, 0, (byte)Http2Error.ProtocolError]);
                    return;
                case "/poison" when how == "go-away-of-all":
                    await server.WriteAsync(FrameType.GoAway, 0, 0, [0x7f, 0xff, 0xff, 0xff, 0, 0, 0, (byte)Http2Error.InternalError]);
                    return;
                case "/poison" when how == "reset":
                    connection.Client.LingerState = new System.Net.Sockets.LingerOption(true, 0);
                    return;
                case "/poison":
                    return;
                case "/quiet":
                    quiet = id;
                    await server.WriteHeadAsync(id, false, (":status", "200"));
                    await server.WriteDataAsync(id, "first", ends: false);
                    break;
                default:
                    if (quiet != 0)
                    {
                        await server.WriteDataAsync(quiet, ", last", ends: true);
                    }

                    await server.AnswerAsync(id, "more");
                    break;
            }
        }
    });

    private static async Task PoisonAsync(TestLane lane)
    {
        using HttpResponseMessage answer = await SendAsync(lane, Attacker, "/poison");
        Assert.InRange((int)answer.StatusCode, 502, 503);
    }

    private static Task<HttpResponseMessage> SendAsync(TestLane lane, string client, string path, string? host = null)
    {
        var request = new HttpRequestMessage(HttpMethod.Get, path);
        request.Headers.Add("X-Forwarded-For", client);
        request.Headers.Host = host;
        return lane.Client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
    }
}

using System.Net;
using System.Net.Sockets;
using ActorLb.Engine.Http2;
using ActorLb.Shared.Settings;
using Xunit;

namespace ActorLb.Tests.Lane;

/// <summary>Listeners that take HTTP/2 without TLS beside HTTP/1.1.</summary>
public sealed class CleartextHttp2Tests
{
    private static readonly LaneOptions Options = new() { Http2 = ListenerHttp2.Cleartext, AskedEngine = ListenerEngine.Auto, Sticky = false };

    private static readonly (string Name, string Value)[] Get = [(":method", "GET"), (":scheme", "http"), (":authority", "a"), (":path", "/")];

    private static readonly (string Name, string Value)[] Post = [(":method", "POST"), (":scheme", "http"), (":authority", "a"), (":path", "/")];

    [Fact]
    public async Task Both_protocols_are_spoken_at_one_port()
    {
        await using SampleBackend backend = await SampleBackend.NamedAsync("a");
        await using TestLane lane = await TestLane.StartAsync(Options, backend.Address);
        for (int i = 0; i < 3; i++)
        {
            using RawHttp2Client client = await RawHttp2Client.ConnectAsync(lane.Endpoint, tls: false);
            Http2Answer answer = await client.ExchangeAsync(Get);
            Assert.Equal((200, "a"), (answer.Status, answer.Body));
            Assert.Equal("a", await lane.GetAsync());
        }

        Assert.All(backend.Seen, s => Assert.Equal("http", s["X-Forwarded-Proto"]));
    }

    [Theory]
    [InlineData("http")]
    [InlineData("https")]
    public async Task What_a_client_says_of_its_scheme_is_believed_by_nobody(string scheme)
    {
        await using SampleBackend backend = await SampleBackend.NamedAsync("a");
        await using TestLane lane = await TestLane.StartAsync(Options, backend.Address);
        using RawHttp2Client client = await RawHttp2Client.ConnectAsync(lane.Endpoint, tls: false);

        Http2Answer answer = await client.ExchangeAsync([(":method", "GET"), (":scheme", scheme), (":authority", "a"), (":path", "/")]);

        Assert.Equal(200, answer.Status);
        Assert.Equal("http", Assert.Single(backend.Seen)["X-Forwarded-Proto"]);
    }

    [Fact]
    public async Task The_preface_may_come_in_pieces()
    {
        await using SampleBackend backend = await SampleBackend.NamedAsync("a");
        await using TestLane lane = await TestLane.StartAsync(Options, backend.Address);
        using var client = new TcpClient { NoDelay = true };
        await client.ConnectAsync(lane.Endpoint);
        NetworkStream stream = client.GetStream();
        foreach (byte b in FrameWriter.Preface.ToArray())
        {
            await stream.WriteAsync(new[] { b });
            await stream.FlushAsync();
        }

        await stream.WriteAsync(new byte[] { 0, 0, 0, 4, 0, 0, 0, 0, 0 });
        byte[] head = new byte[FrameHeader.Bytes];
        await stream.ReadExactlyAsync(head);
        FrameHeader.TryRead(head, out FrameHeader first);
        Assert.Equal(FrameType.Settings, first.Type);
    }

    [Theory]
    [InlineData("PRI * HTTP/1.1\r\nHost: a\r\n\r\n")]
    [InlineData("PRI * HTTP/2.0\r\n\r\nXX\r\n\r\n")]
    [InlineData("PRI * HTTP/2.0\r\nHost: a\r\n\r\n")]
    public async Task What_only_begins_like_it_is_read_as_http1(string request)
    {
        await using SampleBackend backend = await SampleBackend.NamedAsync("a");
        await using TestLane lane = await TestLane.StartAsync(Options, backend.Address);

        string answer = await RawClient.ExchangeAsync(lane.Endpoint, request);

        Assert.Matches("^HTTP/1.1 (405|501|505) ", answer);
        Assert.Empty(backend.Seen);
    }

    [Fact]
    public async Task An_upgrade_to_it_is_never_taken_up()
    {
        await using SampleBackend backend = await SampleBackend.NamedAsync("a");
        await using TestLane lane = await TestLane.StartAsync(Options, backend.Address);

        string answer = await RawClient.ExchangeAsync(
            lane.Endpoint, "GET / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade, HTTP2-Settings, close\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQAAP__\r\n\r\n");

        Assert.StartsWith("HTTP/1.1 200 ", answer, StringComparison.Ordinal);
        SeenRequest seen = Assert.Single(backend.Seen);
        Assert.Equal((null, null), (seen["Upgrade"], seen["HTTP2-Settings"]));
    }

    [Fact]
    public async Task Whoever_says_nothing_does_not_hold_up_the_end()
    {
        await using SampleBackend backend = await SampleBackend.NamedAsync("a");
        await using TestLane lane = await TestLane.StartAsync(Options, backend.Address);
        using var silent = new TcpClient();
        await silent.ConnectAsync(lane.Endpoint);
        using var half = new TcpClient();
        await half.ConnectAsync(lane.Endpoint);
        await half.GetStream().WriteAsync("PRI"u8.ToArray());
        Assert.Equal("a", await lane.GetAsync());

        // Nobody is cut off: that would be a reset.
        await lane.Group.StopAsync(CancellationToken.None).WaitAsync(TimeSpan.FromSeconds(20));

        Assert.Equal(0, await silent.GetStream().ReadAsync(new byte[1]));
    }

    [Theory]
    [InlineData(6, 8, FloodKind.Pings)]
    [InlineData(4, 0, FloodKind.Settings)]
    [InlineData(0x42, 0, FloodKind.UnknownFrames)]
    public async Task A_flood_ends_its_connection(byte type, int length, FloodKind kind)
    {
        await using var backend = new RawBackend(c => c.UntilClosedAsync());
        await using TestLane lane = await TestLane.StartAsync(Options, backend.Address);
        using RawHttp2Client client = await RawHttp2Client.ConnectAsync(lane.Endpoint, tls: false);
        await client.AcknowledgeSettingsAsync();
        Task<Http2Answer> answer = client.ReadAnswerAsync(await client.SendHeadAsync(Post, ends: false));
        while (!answer.IsCompleted)
        {
            await client.WriteFrameAsync(type, 0, 0, new byte[length]);
        }

        Assert.True((await answer).HasEndedConnection);
        await TestLane.UntilAsync(() => lane.Plane.Floods[kind] == 1);
    }

    [Fact]
    public async Task A_call_of_grpc_that_comes_too_fast_is_told_when_to_come_again()
    {
        await using SampleBackend backend = await SampleBackend.NamedAsync("a");
        var limit = new RateLimitSettings(1, TimeSpan.FromHours(1), 1, RateLimitKey.Route, "");
        await using TestLane lane = await TestLane.StartAsync(Options with { Conditions = r => r with { Filters = RouteFilterSettings.None with { RateLimit = limit } } }, backend.Address);
        using (HttpResponseMessage taken = await CallAsync(lane))
        {
            Assert.False(taken.Headers.Contains("grpc-status"));
        }

        using HttpResponseMessage refused = await CallAsync(lane);

        Assert.Equal((HttpStatusCode.OK, "application/grpc"), (refused.StatusCode, refused.Content.Headers.ContentType!.MediaType));
        Assert.Equal("14", Assert.Single(refused.Headers.GetValues("grpc-status")));
        Assert.InRange(int.Parse(Assert.Single(refused.Headers.GetValues("Retry-After")), System.Globalization.CultureInfo.InvariantCulture), 1, 3600);
        Assert.StartsWith("\"route\";r=0;t=", Assert.Single(refused.Headers.GetValues("RateLimit")), StringComparison.Ordinal);
        Assert.Equal("\"route\";q=1;w=3600", Assert.Single(refused.Headers.GetValues("RateLimit-Policy")));
    }

    [Fact]
    public async Task A_refusal_of_a_call_of_grpc_is_a_status_of_grpc()
    {
        (Uri address, Socket owner) = NoBackend.Refusing();
        using Socket _ = owner;
        await using TestLane lane = await TestLane.StartAsync(Options with { RetryAttempts = 0 }, address);
        using HttpResponseMessage answer = await CallAsync(lane);

        Assert.Equal((HttpStatusCode.OK, "application/grpc"), (answer.StatusCode, answer.Content.Headers.ContentType!.MediaType));
        Assert.Equal("14", Assert.Single(answer.Headers.GetValues("grpc-status")));
        Assert.Equal("backend-connect-failed: no connection to a backend", Assert.Single(answer.Headers.GetValues("grpc-message")));
        Assert.Equal("backend-connect-failed", TestLane.ReasonOf(answer));
    }

    private static async Task<HttpResponseMessage> CallAsync(TestLane lane)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/a.B/C")
        {
            Version = HttpVersion.Version20,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
            Content = new ByteArrayContent([0, 0, 0, 0, 0]),
        };
        request.Content.Headers.TryAddWithoutValidation("Content-Type", "application/grpc+proto");
        return await lane.Client.SendAsync(request);
    }
}

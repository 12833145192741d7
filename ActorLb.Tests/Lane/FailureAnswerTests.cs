using System.Net;
using ActorLb.Engine.Routing;
using ActorLb.Shared.Backends;
using ActorLb.Shared.Routing;
using ActorLb.Shared.Settings;
using Xunit;

namespace ActorLb.Tests.Lane;

public abstract class FailureAnswerTests(ListenerEngine engine)
{
    [Fact]
    public async Task A_host_without_a_route_is_answered_with_404_no_route()
    {
        await using SampleBackend a = await SampleBackend.NamedAsync("a");
        await using TestLane lane = await TestLane.StartAsync(engine, new LaneOptions { Host = "only.example" }, a.Address);

        using HttpResponseMessage response = await lane.SendAsync(HttpMethod.Get, "/");

        Assert.Equal(HttpStatusCode.NotFound, response.StatusCode);
        Assert.Equal("no-route", TestLane.ReasonOf(response));
        Assert.StartsWith("404 no-route", await response.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        Assert.Equal("text/plain", response.Content.Headers.ContentType!.MediaType);
        Assert.True(response.Headers.Contains("X-Request-Id"));
        Assert.Empty(a.Seen);
    }

    [Fact]
    public async Task A_pool_whose_backends_are_all_down_is_answered_with_503_and_retry_after()
    {
        await using SampleBackend a = await SampleBackend.NamedAsync("a");
        await using TestLane lane = await TestLane.StartAsync(engine, a.Address);
        PoolSettings pool = lane.Plane.Topology.Pools["web"];
        var down = new BackendCondition(BackendHealth.Down, lane.Plane.Time.GetUtcNow(), OperatorState.Ready, null, false, 1);
        lane.Plane.Publish(RoutingSnapshots.Pool(
            pool, _ => down, id => lane.Plane.Traffic[new BackendName("web", id)], new RotationCursor()));

        using HttpResponseMessage response = await lane.SendAsync(HttpMethod.Get, "/");

        Assert.Equal(HttpStatusCode.ServiceUnavailable, response.StatusCode);
        Assert.Equal("no-backend", TestLane.ReasonOf(response));
        Assert.Equal(TimeSpan.FromSeconds(3), response.Headers.RetryAfter!.Delta);
    }

    [Fact]
    public async Task A_head_request_gets_the_reason_without_a_body()
    {
        await using SampleBackend a = await SampleBackend.NamedAsync("a");
        await using TestLane lane = await TestLane.StartAsync(engine, new LaneOptions { Host = "only.example" }, a.Address);

        using HttpResponseMessage response = await lane.SendAsync(HttpMethod.Head, "/");

        Assert.Equal("no-route", TestLane.ReasonOf(response));
        Assert.Empty(await response.Content.ReadAsByteArrayAsync());
    }

    public static TheoryData<string> Nonsense() => new()
    {
        "SSH-2.0-OpenSSH\r\n\r\n",
        "HTTP/1.1 abc OK\r\n\r\n",
        "HTTP/1.1 200 OK\r\nno colon here\r\n\r\n",
        "HTTP/1.1 200 OK\r\nX: " + new string('x', 100_000) + "\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab",
        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n",
        "HTTP/1.1 200 OK\r\nX: a\u0001b\r\nContent-Length: 0\r\n\r\n",
    };

    [Theory]
    [MemberData(nameof(Nonsense))]
    public async Task An_answer_that_is_not_well_formed_is_answered_with_502_backend_bad_response(string nonsense)
    {
        await using var backend = new RawBackend(async connection =>
        {
            await connection.ReadHeadAsync();
            await connection.WriteAsync(nonsense);
            await connection.UntilClosedAsync();
        });
        await using TestLane lane = await TestLane.StartAsync(engine, backend.Address);

        using HttpResponseMessage response = await lane.SendAsync(HttpMethod.Get, "/");

        Assert.Equal(HttpStatusCode.BadGateway, response.StatusCode);
        Assert.Equal("backend-bad-response", TestLane.ReasonOf(response));
        Assert.Equal(1, lane.Traffic(backend.Address).Failures);
    }

    [Fact]
    public async Task An_answer_that_breaks_in_its_head_is_answered_with_502_backend_reset()
    {
        await using var backend = new RawBackend(async connection =>
        {
            await connection.ReadHeadAsync();
            await connection.WriteAsync("HTTP/1.1 200 OK\r\nContent-");
        });
        await using TestLane lane = await TestLane.StartAsync(engine, backend.Address);

        using HttpResponseMessage response = await lane.SendAsync(HttpMethod.Get, "/");

        Assert.Equal(HttpStatusCode.BadGateway, response.StatusCode);
        Assert.Equal("backend-reset", TestLane.ReasonOf(response));
    }

    [Fact]
    public async Task An_answer_that_breaks_in_its_body_is_cut_off_for_the_client_too()
    {
        await using var backend = new RawBackend(async connection =>
        {
            await connection.ReadHeadAsync();
            await connection.WriteAsync("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nonly this");
        });
        await using TestLane lane = await TestLane.StartAsync(engine, backend.Address);

        await Assert.ThrowsAsync<HttpRequestException>(() => lane.GetAsync());

        await TestLane.UntilAsync(() => lane.Traffic(backend.Address) is { Failures: 1, InFlight: 0 });
    }

    [Theory]
    [InlineData(99, HttpStatusCode.OK)]
    [InlineData(100, HttpStatusCode.OK)]
    [InlineData(101, HttpStatusCode.RequestEntityTooLarge)]
    public async Task A_body_beyond_the_limit_is_answered_with_413(int length, HttpStatusCode expected)
    {
        await using SampleBackend a = await SampleBackend.StartAsync(c => c.Request.Body.CopyToAsync(Stream.Null));
        await using TestLane lane = await TestLane.StartAsync(engine, new LaneOptions { BodyBytesMax = 100 }, a.Address);

        using HttpResponseMessage response = await lane.SendAsync(HttpMethod.Post, "/", content: new ByteArrayContent(new byte[length]));

        Assert.Equal(expected, response.StatusCode);
        Assert.Equal(expected == HttpStatusCode.OK ? null : "request-too-large", TestLane.ReasonOf(response));
    }

    [Fact]
    public async Task A_chunked_body_beyond_the_limit_is_answered_with_413()
    {
        await using SampleBackend a = await SampleBackend.StartAsync(c => c.Request.Body.CopyToAsync(Stream.Null));
        await using TestLane lane = await TestLane.StartAsync(engine, new LaneOptions { BodyBytesMax = 100 }, a.Address);

        string answer = await RawClient.ExchangeAsync(
            lane.Endpoint, $"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n80\r\n{new string('x', 128)}\r\n0\r\n\r\n");

        Assert.StartsWith("HTTP/1.1 413", answer, StringComparison.Ordinal);
        Assert.Contains("X-ActorLb-Reason: request-too-large", answer, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_client_that_stalls_in_its_body_is_answered_with_408_and_the_backend_is_not_blamed()
    {
        await using SampleBackend a = await SampleBackend.StartAsync(c => c.Request.Body.CopyToAsync(Stream.Null));
        await using TestLane lane = await TestLane.StartAsync(engine, new LaneOptions { BodyTimeout = TimeSpan.FromMilliseconds(300) }, a.Address);

        string answer = await RawClient.ExchangeAsync(lane.Endpoint, "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nabc");

        Assert.StartsWith("HTTP/1.1 408", answer, StringComparison.Ordinal);
        Assert.Contains("X-ActorLb-Reason: client-timeout", answer, StringComparison.Ordinal);
        Assert.Equal(0, lane.Traffic(a.Address).Failures);
    }

    public static TheoryData<string, int, string> Refusals() => new()
    {
        { "GET / HTTP/1.1\r\nHost: x\r\nbad header\r\n\r\n", 400, "bad-request" },
        { "GET / HTTP/1.1\r\n\r\n", 400, "bad-request" },
        { "GET / HTTP/1.1\r\nHost: x\r\nHost: y\r\n\r\n", 400, "bad-request" },
        { "GET /\u00e4 HTTP/1.1\r\nHost: x\r\n\r\n", 400, "bad-request" },
        { "GET /" + new string('x', 9000) + " HTTP/1.1\r\nHost: x\r\n\r\n", 414, "request-line-too-long" },
        { "GET / HTTP/1.1\r\nHost: x\r\nX: " + new string('x', 40_000) + "\r\n\r\n", 431, "headers-too-large" },
        { "GET / HTTP/3.7\r\nHost: x\r\n\r\n", 505, "http-version-unsupported" },
        { "CONNECT x:443 HTTP/1.1\r\nHost: x:443\r\n\r\n", 501, "method-unsupported" },
        { "GET /a#b HTTP/1.1\r\nHost: x\r\n\r\n", 400, "bad-target" },
        { "GET /a\tb HTTP/1.1\r\nHost: x\r\n\r\n", 400, "bad-target" },
    };

    [Theory]
    [MemberData(nameof(Refusals))]
    public async Task A_request_that_is_refused_names_the_reason(string request, int status, string reason)
    {
        await using SampleBackend a = await SampleBackend.NamedAsync("a");
        await using TestLane lane = await TestLane.StartAsync(engine, a.Address);
        using RawClient client = await RawClient.ConnectAsync(lane.Endpoint);

        await client.SendAsync(request);
        (string head, string body) = await client.ReadAnswerAsync();

        Assert.StartsWith($"HTTP/1.1 {status} ", head, StringComparison.Ordinal);
        Assert.Contains($"X-ActorLb-Reason: {reason}\r\n", head, StringComparison.Ordinal);
        Assert.StartsWith($"{status} {reason}", body, StringComparison.Ordinal);
        Assert.Empty(a.Seen);
    }

    [Fact]
    public async Task A_refusal_after_a_good_request_on_the_same_connection_names_the_reason_too()
    {
        await using SampleBackend a = await SampleBackend.NamedAsync("a");
        await using TestLane lane = await TestLane.StartAsync(engine, a.Address);
        using RawClient client = await RawClient.ConnectAsync(lane.Endpoint);

        await client.SendAsync("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
        Assert.StartsWith("HTTP/1.1 200", await client.ReadHeadAsync(), StringComparison.Ordinal);
        await client.SendAsync("GARBAGE\r\n\r\n");
        string rest = await client.ReadToEndAsync();

        Assert.Contains("HTTP/1.1 400", rest, StringComparison.Ordinal);
        Assert.Contains("X-ActorLb-Reason: bad-request", rest, StringComparison.Ordinal);
        Assert.Contains("Connection: close", rest, StringComparison.Ordinal);
        Assert.Matches("\r\n\r\n400 bad-request.*\n$", rest);
    }

    [Fact]
    public async Task A_head_that_does_not_arrive_in_time_is_answered_with_408()
    {
        await using SampleBackend a = await SampleBackend.NamedAsync("a");
        await using TestLane lane = await TestLane.StartAsync(engine, new LaneOptions { HeaderTimeout = TimeSpan.FromSeconds(2) }, a.Address);

        string answer = await RawClient.ExchangeAsync(lane.Endpoint, "GET / HTTP/1.1\r\nHost:");

        Assert.StartsWith("HTTP/1.1 408", answer, StringComparison.Ordinal);
        Assert.Contains("X-ActorLb-Reason: client-timeout", answer, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Expect_other_than_100_continue_reaches_the_backend_as_it_is()
    {
        await using SampleBackend a = await SampleBackend.NamedAsync("a");
        await using TestLane lane = await TestLane.StartAsync(engine, a.Address);

        string answer = await RawClient.ExchangeAsync(
            lane.Endpoint, "GET / HTTP/1.1\r\nHost: x\r\nExpect: something\r\nConnection: close\r\n\r\n");

        Assert.StartsWith("HTTP/1.1 200", answer, StringComparison.Ordinal);
        Assert.Equal("something", Assert.Single(a.Seen)["Expect"]);
    }
}

using System.Net;
using ActorLb.Engine.Exchanges;
using ActorLb.Engine.Failures;
using ActorLb.Engine.Filters;
using ActorLb.Engine.Routing;
using ActorLb.Shared.Backends;
using ActorLb.Shared.Settings;
using Xunit;

namespace ActorLb.Tests.Exchanges;

/// <summary>What is decided of a request before a backend or its body is asked for.</summary>
public sealed class OpeningTests : LifeTest
{
    private const string Ntlm = "GET / HTTP/1.1\r\nHost: x\r\nAuthorization: NTLM TlRMTVNTUAAB\r\n\r\n";

    [Fact]
    public async Task A_host_without_a_route_is_answered_and_the_connection_goes_on()
    {
        MemoryLane lane = Lane(change: t => t with { Routes = [t.Routes[0] with { Host = "other.example" }] });
        MemoryAnswer answer = await lane.SendAsync(Get);
        answer.IsOwn(FailureReason.NoRoute);
        Assert.False(answer.Closes);
        Assert.Null(answer.Exchange.Assignment.Pool);
    }

    [Theory]
    [InlineData(9, null, true)]
    [InlineData(10, null, true)]
    [InlineData(11, null, false)]
    [InlineData(10, 9L, false)]
    [InlineData(11, 11L, true)]
    [InlineData(11, 0L, true)]
    public async Task A_body_that_says_it_is_too_long_is_refused_unread_by_the_limit_of_its_route_or_of_all(int length, long? ofRoute, bool fits)
    {
        MemoryLane lane = Lane(change: t => t with
        {
            Limits = t.Limits with { BodyBytesMax = 10 },
            Routes = [t.Routes[0] with { Filters = new RouteFilterSettings { BodyBytesMax = ofRoute } }],
        });
        MemoryAnswer answer = await lane.SendAsync($"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: {length}\r\n\r\n");
        Assert.Equal(fits ? MemoryEnd.Answered : MemoryEnd.Refused, answer.End);
        Assert.Equal(!fits, answer.Closes);
        if (!fits)
        {
            answer.IsOwn(FailureReason.RequestTooLarge);
            Assert.False(answer.Exchange.IsBodySeen);
        }
    }

    [Fact]
    public async Task The_limit_of_a_body_whose_length_nobody_says_is_kept_for_whoever_reads_it()
    {
        MemoryLane lane = Lane(change: t => t with { Limits = t.Limits with { BodyBytesMax = 10 } });
        MemoryAnswer answer = await lane.SendAsync("POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n");
        Assert.Equal(10, answer.Exchange.Route.BodyBytesMax);
    }

    [Theory]
    [InlineData(7, false)]
    [InlineData(8, true)]
    [InlineData(9, true)]
    public async Task A_request_that_has_passed_eight_balancers_is_in_a_loop(int passes, bool loops)
    {
        string marks = string.Join(", ", Enumerable.Repeat("actorlb", passes));
        MemoryAnswer answer = await Lane().SendAsync($"GET / HTTP/1.1\r\nHost: x\r\nCDN-Loop: {marks}\r\n\r\n");
        if (loops)
        {
            answer.IsOwn(FailureReason.LoopDetected);
        }
        else
        {
            answer.IsFrom("s:1");
        }
    }

    [Fact]
    public async Task Who_comes_by_plain_HTTP_is_sent_to_https_before_a_route_is_looked_for()
    {
        MemoryLane lane = Lane(change: t => t with
        {
            Listeners = [t.Listeners[0] with { RedirectToHttps = 8443 }],
            Routes = [t.Routes[0] with { Host = "other.example" }],
        });
        MemoryAnswer answer = await lane.SendAsync("GET /a?b HTTP/1.1\r\nHost: x:80\r\n\r\n");
        Assert.Equal((MemoryEnd.Refused, 308, "https://x:8443/a?b"), (answer.End, answer.Status, answer.Field("Location")));
        Assert.Null(answer.Reason);
        Assert.False(answer.Closes);
    }

    [Theory]
    [InlineData("192.0.2.0/24", "https", 200)]
    [InlineData("192.0.2.0/24", "http", 308)]
    [InlineData("198.51.100.0/24", "https", 308)]
    public async Task Who_came_by_https_to_a_trusted_proxy_is_served(string trusted, string scheme, int status)
    {
        MemoryLane lane = Lane(change: t => t with { Listeners = [t.Listeners[0] with { RedirectToHttps = 443, TrustedProxies = [IPNetwork.Parse(trusted)] }] });
        Assert.Equal(status, (await lane.SendAsync($"GET / HTTP/1.1\r\nHost: x\r\nX-Forwarded-Proto: {scheme}\r\n\r\n")).Status);
    }

    [Theory]
    [InlineData("192.0.2.1", true)]
    [InlineData("192.0.2.2", false)]
    public async Task An_address_that_its_route_denies_is_refused(string denied, bool isRefused)
    {
        MemoryAnswer answer = await Lane(new RouteFilterSettings { Deny = [IPNetwork.Parse($"{denied}/32")] }).SendAsync(Post);
        Assert.Equal(isRefused ? FailureReason.AddressDenied : FailureReason.None, answer.Failure);
        Assert.Equal(!isRefused, answer.Exchange.IsBodySeen);
        Assert.Equal(isRefused, answer.Closes);
    }

    [Fact]
    public async Task A_limit_of_a_route_counts_those_that_may_ask_and_says_when_to_come_again()
    {
        MemoryLane lane = Lane(new RouteFilterSettings
        {
            Deny = [IPNetwork.Parse("192.0.2.9/32")],
            RateLimit = new RateLimitSettings(1, TimeSpan.FromMinutes(1), 2, RateLimitKey.Route, ""),
        });
        MemoryClient denied = lane.Client with { Peer = IPAddress.Parse("192.0.2.9") };
        Assert.Equal(403, (await lane.SendAsync(Get, denied)).Status);
        Assert.Equal(200, (await lane.SendAsync(Get)).Status);
        Assert.Equal(200, (await lane.SendAsync(Get)).Status);
        MemoryAnswer beyond = await lane.SendAsync(Get);
        beyond.IsOwn(FailureReason.RateLimited);
        Assert.NotNull(beyond.Field("Retry-After"));
        _time.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal(200, (await lane.SendAsync(Get)).Status);
    }

    [Fact]
    public async Task A_route_that_answers_itself_asks_nobody()
    {
        MemoryAnswer answer = await Lane(new RouteFilterSettings { Respond = new RespondSettings(418, "tea", "text/x-tea") }).SendAsync(Get);
        Assert.Empty(answer.Asked);
        Assert.Equal((418, "text/x-tea", "3"), (answer.Status, answer.Field("Content-Type"), answer.Field("Content-Length")));
        Assert.EndsWith("\r\n\r\ntea", answer.Text, StringComparison.Ordinal);
        Assert.Null(answer.Reason);
    }

    [Fact]
    public async Task A_loop_is_found_before_a_route_answers_and_a_body_is_too_long_before_that()
    {
        MemoryLane lane = Lane(new RouteFilterSettings { Respond = new RespondSettings(200, "", ""), BodyBytesMax = 1 });
        string marks = string.Join(", ", Enumerable.Repeat("actorlb", 8));
        Assert.Equal(508, (await lane.SendAsync($"GET / HTTP/1.1\r\nHost: x\r\nCDN-Loop: {marks}\r\n\r\n")).Status);
        Assert.Equal(413, (await lane.SendAsync($"GET / HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\nCDN-Loop: {marks}\r\n\r\n")).Status);
    }

    [Fact]
    public void What_somebody_was_asked_about_goes_on_with_what_he_said()
    {
        MemoryLane lane = Lane(new RouteFilterSettings { RequestHeaders = new HeaderEditSettings([], [], ["X-User"]) });
        MemoryExchange exchange = lane.Read(Get);
        ChosenRoute route = lane.Director.Route("x", "/", new Engine.Forwarding.RequestConditions(exchange.Source, exchange.Head.MethodName, exchange.Fields, exchange.Listener));
        var asked = new Opening(FailureReason.None) { Route = route };
        var refusal = new RouteAnswer(401, RouteAnswer.LinesOf(("WWW-Authenticate", "Basic")), null);

        Opening refused = lane.Life.GoOn(exchange, asked, new FilterVerdict(FailureReason.NotAuthorized, refusal));
        Assert.Equal(FailureReason.NotAuthorized, refused.Refused);
        Assert.Null(refused.Pool);
        Assert.Same(refusal, exchange.Route.Answer);

        byte[] lines = "X-User: alice\r\n"u8.ToArray();
        Opening passed = lane.Life.GoOn(exchange, asked, new FilterVerdict(FailureReason.None, null, lines));
        Assert.Equal((FailureReason.None, "web"), (passed.Refused, passed.Pool?.Name));
        Assert.Same(lines, exchange.Route.RequestLines);
        Assert.Null(exchange.Route.Answer);
    }

    [Fact]
    public async Task Where_there_is_no_memory_nothing_else_is_looked_at()
    {
        MemoryLane lane = Lane(change: t => t with { Listeners = [t.Listeners[0] with { RedirectToHttps = 443 }] });
        lane.HasRoom = false;
        MemoryAnswer answer = await lane.SendAsync(Post);
        answer.IsOwn(FailureReason.OutOfMemory);
        Assert.True(answer.Closes);
        Assert.Equal(1, lane.Plane.Memory.Refused);
    }

    [Theory]
    [InlineData(false, false, BackendProtocol.Http1, false, true)]
    [InlineData(true, false, BackendProtocol.Http1, false, false)]
    [InlineData(true, false, BackendProtocol.Http1, true, false)]
    [InlineData(false, false, BackendProtocol.Http2, false, false)]
    [InlineData(false, true, BackendProtocol.Http1, false, false)]
    [InlineData(false, true, BackendProtocol.Http1, true, true)]
    [InlineData(false, true, BackendProtocol.Http2, true, false)]
    public async Task Credentials_of_a_connection_are_for_one_that_its_client_has_alone(bool isMultiplexed, bool isProxy, BackendProtocol protocol, bool allowed, bool passes)
    {
        MemoryLane lane = Lane(Web with { Protocol = protocol, AuthenticatesProxies = allowed }, t => t with
        {
            Listeners = [t.Listeners[0] with { TrustedProxies = isProxy ? [IPNetwork.Parse("192.0.2.0/24")] : [] }],
        });
        MemoryClient client = lane.Client with { IsMultiplexed = isMultiplexed };
        Assert.Equal(passes ? FailureReason.None : FailureReason.ConnectionAuthRefused, (await lane.SendAsync(Ntlm, client)).Failure);
        MemoryAnswer offered = await lane.SendAsync(Get, client, BackendTurn.Answers(401, "WWW-Authenticate: Negotiate\r\n"));
        Assert.Equal(passes ? FailureReason.None : FailureReason.ConnectionAuthOffered, offered.Failure);
        Assert.Single(offered.Asked);
        Assert.Equal(200, (await lane.SendAsync("GET / HTTP/1.1\r\nHost: x\r\nAuthorization: Basic YTpi\r\n\r\n", client)).Status);
    }

    [Fact]
    public async Task A_request_without_a_session_goes_where_its_client_has_a_connection_of_its_own()
    {
        MemoryLane lane = Lane(Loose(Web));
        MemoryClient client = lane.Client with { OwnedAt = lane.Plane.Routing.Pools["web"].Backends[2] };
        (await lane.SendAsync(Get, client)).IsFrom("s:3");
        (await lane.SendAsync(Get, client)).IsFrom("s:3");
        (await lane.SendAsync(Get)).IsFrom("s:1");
    }

    [Theory]
    [InlineData(true, "h2c", FailureReason.MethodUnsupported)]
    [InlineData(true, "websocket", FailureReason.None)]
    [InlineData(false, "h2c", FailureReason.None)]
    public async Task A_stream_that_asks_for_a_protocol_that_its_pool_does_not_pass_on_is_refused(bool isMultiplexed, string protocol, FailureReason failure)
    {
        MemoryLane lane = Lane();
        MemoryAnswer answer = await lane.SendAsync(
            $"GET / HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: {protocol}\r\n\r\n", lane.Client with { IsMultiplexed = isMultiplexed });
        Assert.Equal(failure, answer.Failure);
    }

    [Fact]
    public async Task New_sessions_of_a_split_go_by_weight_and_stay_on_their_side()
    {
        MemoryLane lane = Split(3, 1);
        var sessions = new List<(string Pool, string? Ticket)>();
        for (int i = 0; i < 8; i++)
        {
            MemoryAnswer answer = await lane.SendAsync(Get);
            sessions.Add((answer.Exchange.Assignment.Pool.Name, answer.Ticket));
        }

        Assert.Equal((6, 2), (sessions.Count(s => s.Pool == "web"), sessions.Count(s => s.Pool == "green")));
        lane.Plane.Apply(Shared(lane.Plane.Topology, 0, 1));
        foreach ((string pool, string? ticket) in sessions)
        {
            Assert.Equal(pool, (await lane.SendAsync(WithTicket(ticket))).Exchange.Assignment.Pool.Name);
        }

        Assert.Equal("green", (await lane.SendAsync(Get)).Exchange.Assignment.Pool.Name);
    }

    [Fact]
    public async Task A_side_of_a_split_that_nobody_serves_has_no_share_and_its_sessions_go_to_the_other()
    {
        MemoryLane lane = Split(1, 0);
        string? ticket = (await lane.SendAsync(Get)).Ticket;
        lane.Plane.Apply(Shared(lane.Plane.Topology, 1, 1));
        lane.Publish(_ => (BackendHealth.Up, OperatorState.Maintenance));
        for (int i = 0; i < 4; i++)
        {
            Assert.Equal("green", (await lane.SendAsync(i % 2 == 0 ? Get : WithTicket(ticket))).Exchange.Assignment.Pool.Name);
        }
    }

    [Fact]
    public async Task Of_sessions_of_both_sides_that_a_split_began_the_later_one_counts()
    {
        MemoryLane lane = Split(1, 0, "GREEN");
        string? blue = (await lane.SendAsync(Get)).Ticket;
        lane.Plane.Apply(Shared(lane.Plane.Topology, 1, 1));
        lane.Publish(_ => (BackendHealth.Up, OperatorState.Maintenance));
        _time.Advance(TimeSpan.FromSeconds(2));
        string? green = (await lane.SendAsync(WithTicket(blue))).Field("Set-Cookie", "GREEN=")?.Split(';')[0];
        AllWell(lane);

        for (int i = 0; i < 4; i++)
        {
            Assert.Equal("green", (await lane.SendAsync(WithTicket($"{blue}; {green}"))).Exchange.Assignment.Pool.Name);
            Assert.Equal("web", (await lane.SendAsync(WithTicket(blue))).Exchange.Assignment.Pool.Name);
        }
    }

    private static Topology Shared(Topology topology, int web, int green) =>
        topology with { Routes = [topology.Routes[0] with { Pool = "", Shares = [new PoolShare("web", web), new PoolShare("green", green)] }] };

    private MemoryLane Split(int web, int green, string cookie = "ALB")
    {
        PoolSettings other = TestPools.Pool("green", "http://g:1");
        other = other with { Affinity = other.Affinity with { Cookie = other.Affinity.Cookie with { Name = cookie } } };
        MemoryLane lane = Lane(change: t => Shared(t.WithPool(other), web, green));
        AllWell(lane);
        lane.Publish(_ => (BackendHealth.Up, OperatorState.Ready), "green");
        return lane;
    }
}

using ActorLb.Engine;
using ActorLb.Engine.Sessions;
using ActorLb.Engine.Traffic;
using ActorLb.Shared.Backends;
using ActorLb.Shared.Routing;
using ActorLb.Shared.Sessions;
using ActorLb.Shared.Settings;
using Microsoft.Extensions.Primitives;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace ActorLb.Tests.Traffic;

public class TrafficDirectorTests
{
    private readonly FakeTimeProvider _time = new(DateTimeOffset.UnixEpoch.AddDays(20_000));
    private readonly DataPlane _plane;
    private readonly TrafficDirector _director;
    private readonly Dictionary<string, BackendHealth> _health = [];
    private readonly Dictionary<string, OperatorState> _operator = [];

    public TrafficDirectorTests()
    {
        (_plane, _director) = Node();
    }

    [Fact]
    public async Task Requests_without_a_cookie_take_the_backends_in_the_listed_order()
    {
        var ids = new List<string>();
        for (int i = 0; i < 7; i++)
        {
            ids.Add((await Assign(null)).Backend!.Id);
        }

        Assert.Equal(["s:1", "s:2", "s:3", "s:1", "s:2", "s:3", "s:1"], ids);
    }

    [Fact]
    public async Task A_first_request_gets_a_ticket_and_leaves_no_state()
    {
        Assignment first = await Assign(null);

        Assert.True(first.NeedsTicket);
        Assert.Equal(0, _plane.Tables["web"].Count);
        Assert.False(_plane.Sessions.Notices.TryRead(out _));
    }

    [Fact]
    public async Task A_ticket_that_comes_back_is_adopted_and_stays()
    {
        (string cookie, Assignment first) = await NewSession();

        for (int i = 0; i < 5; i++)
        {
            Assignment again = await Assign(cookie);
            Assert.Equal(first.Backend!.Id, again.Backend!.Id);
            Assert.True(again.IsBound);
            Assert.False(again.NeedsTicket);
        }

        Assert.True(_plane.Sessions.Notices.TryRead(out SessionNotice notice));
        Assert.Equal((first.Binding.Id, SessionNoticeKind.Adopted), (notice.Binding.Id, notice.Kind));
        Assert.False(_plane.Sessions.Notices.TryRead(out _));
        Assert.Equal(1, _plane.Tables["web"].Count);
    }

    [Fact]
    public async Task Any_node_with_the_key_honours_the_ticket_without_having_seen_it()
    {
        (string cookie, Assignment first) = await NewSession();
        (_, TrafficDirector other) = Node();

        Assignment there = await other.AssignAsync(other.Route("x", "/")!, cookie, default);

        Assert.Equal(first.Backend!.Id, there.Backend!.Id);
    }

    [Theory]
    [InlineData("forged")]
    [InlineData("truncated")]
    [InlineData("signature")]
    [InlineData("signature of a known session")]
    [InlineData("garbage")]
    [InlineData("twice")]
    [InlineData("foreign pool")]
    public async Task A_bad_cookie_is_no_cookie_and_is_counted(string kind)
    {
        (string cookie, Assignment first) = await NewSession();
        if (kind == "signature of a known session")
        {
            await Assign(cookie);
        }

        StringValues bad = kind switch
        {
            "forged" => "ALB=" + new string('A', 68),
            "truncated" => cookie[..^5],
            "signature" or "signature of a known session" => cookie[..^1] + (cookie[^1] == 'A' ? 'B' : 'A'),
            "garbage" => "ALB=" + new string('\u00e9', 8192),
            "twice" => cookie + "; " + cookie,
            _ => "ALB=" + Sealed(new TicketCodec(TicketKeyRing.Of([TestPools.Key]), "api"), first.Binding),
        };
        Assignment assignment = await _director.AssignAsync(Pool, bad, default);

        Assert.NotNull(assignment.Backend);
        Assert.False(assignment.IsBound);
        Assert.True(assignment.NeedsTicket);
        Assert.NotEqual(first.Binding.Id, assignment.Binding.Id);
        Assert.Equal(1, _plane.AffinityCounters.Refused);
    }

    [Theory]
    [InlineData(30 * 60, true)]
    [InlineData(30 * 60 + 1, false)]
    public async Task A_ticket_that_nobody_remembers_holds_until_the_idle_timeout(int secondsLater, bool honoured)
    {
        (string cookie, Assignment first) = await NewSession();
        _time.Advance(TimeSpan.FromSeconds(secondsLater));

        Assignment later = await Assign(cookie);

        Assert.Equal(honoured, later.IsBound);
        Assert.Equal(honoured, later.Binding.Id == first.Binding.Id);
        Assert.True(later.NeedsTicket);
        Assert.Equal(honoured ? 0 : 1, _plane.AffinityCounters.Expired);
    }

    [Fact]
    public async Task A_session_in_use_lives_on_by_fresh_tickets_and_by_touches()
    {
        (string cookie, Assignment first) = await NewSession();
        for (int i = 0; i < 12; i++)
        {
            _time.Advance(TimeSpan.FromMinutes(10));
            Assignment next = await Assign(cookie);
            Assert.Equal(first.Binding.Id, next.Binding.Id);
            Assert.True(next.NeedsTicket);
            cookie = Cookie(next);
        }
    }

    [Fact]
    public async Task A_session_touches_its_owner_at_most_once_in_an_eighth_of_the_timeout()
    {
        (string cookie, _) = await NewSession();
        await Assign(cookie);
        Assert.True(_plane.Sessions.Notices.TryRead(out _));

        _time.Advance(TimeSpan.FromSeconds(30 * 60 / 8));
        await Assign(cookie);
        Assert.False(_plane.Sessions.Notices.TryRead(out _));

        _time.Advance(TimeSpan.FromSeconds(1));
        await Assign(cookie);
        await Assign(cookie);
        Assert.True(_plane.Sessions.Notices.TryRead(out SessionNotice touched));
        Assert.Equal(SessionNoticeKind.Touched, touched.Kind);
        Assert.False(_plane.Sessions.Notices.TryRead(out _));
    }

    [Fact]
    public async Task The_owner_decides_where_a_session_goes_whose_backend_is_down()
    {
        (string cookie, Assignment first) = await NewSession();
        string elsewhere = first.Backend!.Id == "s:1" ? "s:3" : "s:1";
        var owner = new Owner(known => known with { Backend = BackendKey.Of(elsewhere), Version = known.Version + 1 });
        _plane.Rebinder = owner;
        SetHealth(first.Backend.Id, BackendHealth.Down);

        Assignment moved = await Assign(cookie);
        Assignment again = await Assign(cookie);
        Assignment withNewTicket = await Assign(Cookie(moved));

        Assert.Equal(elsewhere, moved.Backend!.Id);
        Assert.True(moved.NeedsTicket);
        Assert.Equal(elsewhere, again.Backend!.Id);
        Assert.True(again.NeedsTicket);
        Assert.Equal(elsewhere, withNewTicket.Backend!.Id);
        Assert.False(withNewTicket.NeedsTicket);
        Assert.Equal(1, owner.Asked);

        SetHealth(first.Backend.Id, BackendHealth.Up);
        Assert.Equal(elsewhere, (await Assign(cookie)).Backend!.Id);
    }

    [Fact]
    public async Task Nodes_whose_owner_is_silent_come_to_the_same_home_alone()
    {
        (string cookie, Assignment first) = await NewSession();
        (DataPlane otherPlane, TrafficDirector other) = Node();
        SetHealth(first.Backend!.Id, BackendHealth.Down);
        Publish(otherPlane);

        Assignment here = await Assign(cookie);
        Assignment there = await other.AssignAsync(other.Route("x", "/")!, cookie, default);

        Assert.NotEqual(first.Backend.Id, here.Backend!.Id);
        Assert.Equal(here.Backend.Id, there.Backend!.Id);
        Assert.Equal(2u, here.Binding.Version);
        Assert.Equal(1, _plane.AffinityCounters.ReboundAlone);
    }

    [Fact]
    public async Task A_ticket_newer_than_the_table_wins_at_once()
    {
        (string cookie, Assignment first) = await NewSession();
        await Assign(cookie);
        var codec = new TicketCodec(TicketKeyRing.Of([TestPools.Key]), "web");
        string elsewhere = first.Backend!.Id == "s:1" ? "s:3" : "s:1";
        Binding moved = first.Binding with { Backend = BackendKey.Of(elsewhere), Version = 2 };

        Assignment next = await Assign("ALB=" + Sealed(codec, moved));

        Assert.Equal(elsewhere, next.Backend!.Id);
        Assert.Equal(elsewhere, (await Assign(cookie)).Backend!.Id);
    }

    [Fact]
    public async Task A_draining_backend_keeps_its_sessions_and_gets_no_new_ones()
    {
        (string cookie, Assignment first) = await NewSession();
        SetOperator(first.Backend!.Id, OperatorState.Draining);

        Assert.Equal(first.Backend.Id, (await Assign(cookie)).Backend!.Id);
        for (int i = 0; i < 6; i++)
        {
            Assert.NotEqual(first.Backend.Id, (await Assign(null)).Backend!.Id);
        }

        SetOperator(first.Backend.Id, OperatorState.Maintenance);
        Assert.NotEqual(first.Backend.Id, (await Assign(cookie)).Backend!.Id);
    }

    [Fact]
    public async Task An_open_circuit_moves_sessions_and_skips_turns_before_any_snapshot_says_so()
    {
        (string cookie, Assignment first) = await NewSession();
        first.Backend!.Traffic.OpenCircuit();

        Assert.NotEqual(first.Backend.Id, (await Assign(cookie)).Backend!.Id);
        for (int i = 0; i < 6; i++)
        {
            Assert.NotEqual(first.Backend.Id, (await Assign(null)).Backend!.Id);
        }
    }

    [Fact]
    public async Task A_failed_first_request_takes_the_next_turn_with_the_same_session()
    {
        Assignment first = await Assign(null);
        Assignment second = await _director.ReassignAsync(first, default);

        Assert.Equal(("s:1", "s:2"), (first.Backend!.Id, second.Backend!.Id));
        Assert.Equal(first.Binding.Id, second.Binding.Id);
        Assert.Equal(second.Backend.Key, second.Binding.Backend);
        Assert.Equal(1u, second.Binding.Version);
    }

    [Fact]
    public async Task With_no_backend_left_there_is_none_and_no_ticket()
    {
        (string cookie, _) = await NewSession();
        foreach (string id in new[] { "s:1", "s:2", "s:3" })
        {
            SetHealth(id, BackendHealth.Down);
        }

        Assignment fresh = await Assign(null);
        Assignment bound = await Assign(cookie);

        Assert.Null(fresh.Backend);
        Assert.False(fresh.NeedsTicket);
        Assert.Null(bound.Backend);
        Assert.False(bound.NeedsTicket);
    }

    [Fact]
    public async Task Without_affinity_there_is_no_ticket()
    {
        PoolSettings pool = TestPools.Pool("web", "http://s:1", "http://s:2");
        pool = pool with { Affinity = pool.Affinity with { Mode = AffinityMode.Off } };
        var plane = new DataPlane(TestPools.Node(pool), _time);
        var director = new TrafficDirector(plane);

        Assignment first = await director.AssignAsync(director.Route("x", "/")!, default(StringValues), default);
        Assignment second = await director.ReassignAsync(first, default);

        Assert.False(first.NeedsTicket);
        Assert.Equal(("s:1", "s:2"), (first.Backend!.Id, second.Backend!.Id));
    }

    [Fact]
    public async Task At_max_sessions_new_ones_stay_sticky_by_their_ticket_alone()
    {
        PoolSettings pool = TestPools.Pool("web", "http://s:1", "http://s:2", "http://s:3");
        pool = pool with { Affinity = pool.Affinity with { MaxSessions = 1 } };
        var plane = new DataPlane(TestPools.Node(pool), _time);
        var director = new TrafficDirector(plane);
        PoolSnapshot web = director.Route("x", "/")!;
        for (int i = 0; i < 5; i++)
        {
            Assignment first = await director.AssignAsync(web, default(StringValues), default);
            string cookie = director.TicketFor(first, false)!.Split(';')[0];
            for (int again = 0; again < 3; again++)
            {
                Assert.Equal(first.Backend!.Id, (await director.AssignAsync(web, cookie, default)).Backend!.Id);
            }
        }

        Assert.Equal(1, plane.Tables["web"].Count);
        Assert.True(plane.Tables["web"].Refused > 0);
    }

    private PoolSnapshot Pool => _director.Route("x", "/")!;

    private (DataPlane, TrafficDirector) Node()
    {
        var plane = new DataPlane(TestPools.Node(TestPools.Pool("web", "http://s:1", "http://s:2", "http://s:3")), _time);
        return (plane, new TrafficDirector(plane));
    }

    private async Task<Assignment> Assign(string? cookie) => await _director.AssignAsync(Pool, cookie, default);

    private async Task<(string Cookie, Assignment First)> NewSession()
    {
        Assignment first = await Assign(null);
        return (Cookie(first), first);
    }

    private string Cookie(Assignment assignment) => _director.TicketFor(assignment, secure: false)!.Split(';')[0];

    private void SetHealth(string id, BackendHealth health)
    {
        _health[id] = health;
        Publish(_plane);
    }

    private void SetOperator(string id, OperatorState state)
    {
        _operator[id] = state;
        Publish(_plane);
    }

    private void Publish(DataPlane plane)
    {
        PoolSettings settings = plane.Settings.Pools["web"];
        plane.Publish(RoutingSnapshots.Pool(
            settings,
            id => new BackendCondition(
                _health.GetValueOrDefault(id, BackendHealth.Up), _time.GetUtcNow(), _operator.GetValueOrDefault(id), null, false, 1),
            id => plane.Traffic[new BackendName("web", id)],
            plane.Cursors["web"]));
    }

    private static string Sealed(TicketCodec codec, Binding binding)
    {
        Span<char> text = stackalloc char[TicketCodec.TicketChars];
        codec.Seal(binding, text);
        return new string(text);
    }

    private sealed class Owner(Func<Binding, Binding> decide) : IRebinder
    {
        public int Asked { get; private set; }

        public ValueTask<Binding?> RebindAsync(
            string pool, Binding known, BackendKey failed, TimeSpan timeout, CancellationToken cancellation)
        {
            Asked++;
            return new(decide(known));
        }
    }
}

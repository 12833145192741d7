using ActorLb.Engine;
using ActorLb.Engine.Failures;
using ActorLb.Engine.Routing;
using ActorLb.Engine.Sessions;
using ActorLb.Engine.Traffic;
using ActorLb.Shared.Backends;
using ActorLb.Shared.Sessions;
using ActorLb.Shared.Settings;
using Microsoft.Extensions.Primitives;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace ActorLb.Tests.Traffic;

public sealed class TicketRecognitionTests : DirectorTest
{
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
        (_, TrafficDirector other) = Node(_time);

        Assignment there = await other.AssignAsync(other.Route("x", "/")!, cookie, default);

        Assert.Equal(first.Backend!.Id, there.Backend!.Id);
    }

    [Theory]
    [InlineData(-5)]
    [InlineData(5)]
    public async Task A_session_lives_on_and_ends_on_nodes_whose_clocks_are_minutes_apart(int minutesAhead)
    {
        var theirs = new FakeTimeProvider(_time.GetUtcNow() + TimeSpan.FromMinutes(minutesAhead));
        (_, TrafficDirector other) = Node(theirs);
        (string cookie, Assignment first) = await NewSession();
        TrafficDirector[] both = [_director, other];
        for (int minute = 0; minute < 90; minute++)
        {
            _time.Advance(TimeSpan.FromMinutes(1));
            theirs.Advance(TimeSpan.FromMinutes(1));
            TrafficDirector director = both[minute % 7 < 5 ? 0 : 1];
            Assignment again = await director.AssignAsync(director.Route("x", "/")!, cookie, default);
            Assert.True(again.IsBound);
            Assert.Equal(first.Backend!.Id, again.Backend!.Id);
            cookie = again.NeedsTicket ? director.TicketFor(again, secure: false)!.Split(';')[0] : cookie;
        }

        TimeSpan idle = _plane.Topology.Pools["web"].Affinity.IdleTimeout + TimeSpan.FromMinutes(20);
        _time.Advance(idle);
        theirs.Advance(idle);
        Assert.False((await Assign(cookie)).IsBound);
        Assert.False((await other.AssignAsync(other.Route("x", "/")!, cookie, default)).IsBound);
    }

    [Theory]
    [InlineData("forged")]
    [InlineData("truncated")]
    [InlineData("signature")]
    [InlineData("signature of a known session")]
    [InlineData("garbage")]
    [InlineData("quoted once")]
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
            "quoted once" => cookie.Insert(4, "\""),
            _ => "ALB=" + Sealed(new TicketCodec(TicketKeyRing.Of([TestPools.Key]), "api"), first.Binding),
        };
        Assignment assignment = await _director.AssignAsync(Pool, bad, default);

        Assert.NotNull(assignment.Backend);
        Assert.False(assignment.IsBound);
        Assert.True(assignment.NeedsTicket);
        Assert.NotEqual(first.Binding.Id, assignment.Binding.Id);
        Assert.Equal(1, _plane.SessionCounters.Refused);
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
        Assert.Equal(honoured ? 0 : 1, _plane.SessionCounters.Expired);
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
    public async Task Without_affinity_there_is_no_ticket()
    {
        PoolSettings pool = TestPools.Pool("web", "http://s:1", "http://s:2");
        pool = pool with { Affinity = pool.Affinity with { Mode = AffinityMode.Off } };
        var plane = new DataPlane(TestPools.Node(pool), _time);
        var director = new TrafficDirector(plane);

        Assignment first = await director.AssignAsync(director.Route("x", "/")!, default(StringValues), default);
        Assignment second = await director.ReassignAsync(first, RequestOutcome.ConnectFailed, default);

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
}

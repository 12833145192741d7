using ActorLb.Engine.Sessions;
using ActorLb.Engine.Traffic;
using ActorLb.Shared.Backends;
using ActorLb.Shared.Sessions;
using Xunit;

namespace ActorLb.Tests.Traffic;

/// <summary>Browsers send every cookie of a name that fits: of the host and of its domain, of two paths, of two schemes.</summary>
public sealed class SeveralTicketsTests : DirectorTest
{
    private static readonly TicketCodec Codec = new(TicketKeyRing.Of([TestPools.Key]), "web");

    private uint Now => (uint)_time.GetUtcNow().ToUnixTimeSeconds();

    [Fact]
    public async Task The_same_session_twice_is_that_session()
    {
        (string cookie, Assignment first) = await NewSession();

        Assignment again = await Assign(cookie + "; " + cookie);

        Assert.Equal(first.Binding.Id, again.Binding.Id);
        Assert.False(again.NeedsTicket);
        Assert.Equal(0, _plane.SessionCounters.Refused);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Of_two_tickets_of_one_session_the_one_after_its_move_counts(bool newerFirst)
    {
        Binding moved = Session(1, "s:2", Now) with { Version = 2 };
        string older = Cookie(Session(1, "s:1", Now));

        Assignment there = await Assign(newerFirst ? Cookie(moved) + "; " + older : older + "; " + Cookie(moved));

        Assert.Equal("s:2", there.Backend!.Id);
        Assert.False(there.NeedsTicket);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_fresh_ticket_beside_an_old_one_of_its_session_needs_no_other(bool freshFirst)
    {
        string fresh = Cookie(Session(1, "s:1", Now));
        string old = Cookie(Session(1, "s:1", Now - 1700));

        Assert.False((await Assign(freshFirst ? fresh + "; " + old : old + "; " + fresh)).NeedsTicket);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Of_two_sessions_the_one_in_the_table_with_the_latest_use_counts(bool usedFirst)
    {
        Binding used = Session(1, "s:1", Now - 10);
        Binding older = Session(2, "s:2", Now - 20);
        _plane.Tables["web"].Note(used);
        _plane.Tables["web"].Note(older);

        // The older session's ticket was issued later: that it was used later counts.
        (string first, string second) = (Cookie(used with { LastSeen = Now - 100 }), Cookie(older with { LastSeen = Now - 50 }));
        Assignment there = await Assign(usedFirst ? first + "; " + second : second + "; " + first);

        Assert.Equal(used.Id, there.Binding.Id);
    }

    [Fact]
    public async Task Of_two_sessions_the_known_one_counts_before_one_that_is_not_known()
    {
        Binding known = Session(1, "s:1", Now - 500);
        _plane.Tables["web"].Note(known);

        Assert.Equal(known.Id, (await Assign(Cookie(known) + "; " + Cookie(Session(2, "s:2", Now)))).Binding.Id);
    }

    [Fact]
    public async Task Of_two_unknown_sessions_the_later_ticket_counts_and_the_other_is_not_adopted()
    {
        Binding later = Session(1, "s:1", Now - 5);

        Assignment there = await Assign(Cookie(Session(2, "s:2", Now - 9)) + "; " + Cookie(later));

        Assert.Equal(later.Id, there.Binding.Id);
        Assert.Equal(1, _plane.Tables["web"].Count);
    }

    [Fact]
    public async Task A_session_beside_which_a_later_ticket_of_another_came_gets_a_fresh_one_until_its_own_is_the_latest()
    {
        Binding used = Session(1, "s:1", Now);
        _plane.Tables["web"].Note(used);
        string other = Cookie(Session(2, "s:2", Now - 50));

        Assert.True((await Assign(Cookie(used with { LastSeen = Now - 100 }) + "; " + other)).NeedsTicket);
        Assert.False((await Assign(Cookie(used) + "; " + other)).NeedsTicket);
    }

    [Theory]
    [InlineData("forged")]
    [InlineData("expired")]
    [InlineData("unreadable")]
    public async Task What_is_no_ticket_of_a_live_session_takes_nothing_from_one_that_is(string kind)
    {
        (string cookie, Assignment first) = await NewSession();
        string bad = kind switch
        {
            "forged" => cookie[..^1] + (cookie[^1] == 'A' ? 'B' : 'A'),
            "expired" => Cookie(Session(9, "s:3", Now - 4000)),
            _ => "ALB=x",
        };

        Assert.Equal(first.Binding.Id, (await Assign(bad + "; " + cookie)).Binding.Id);
        Assert.Equal(first.Binding.Id, (await Assign(cookie + "; " + bad)).Binding.Id);
        Assert.Equal(kind == "expired" ? (0, 2) : (2L, 0L), (_plane.SessionCounters.Refused, _plane.SessionCounters.Expired));
    }

    [Fact]
    public async Task Over_two_schemes_each_keeps_its_session()
    {
        Binding tls = Session(1, "s:1", Now - 30);
        Binding plain = Session(2, "s:2", Now);
        _plane.Tables["web"].Note(plain);

        Assignment there = await Assign(Cookie(plain) + "; __Secure-" + Cookie(tls));
        Assignment here = await Assign(Cookie(plain));

        Assert.Equal((tls.Id, false), (there.Binding.Id, there.NeedsTicket));
        Assert.Equal(plain.Id, here.Binding.Id);
    }

    [Theory]
    [InlineData(1, 0, true)]
    [InlineData(3, 0, true)]
    [InlineData(4, 0, false)]
    [InlineData(4, 1, true)]
    [InlineData(60, 14, false)]
    [InlineData(60, 15, true)]
    [InlineData(86400, 450, false)]
    [InlineData(86400, 451, true)]
    public async Task A_ticket_is_renewed_after_a_quarter_of_whichever_ends_first(int maxAgeSeconds, int age, bool renewed)
    {
        var pool = TestPools.Pool("web", "http://s:1");
        pool = pool with
        {
            Affinity = pool.Affinity with { Cookie = pool.Affinity.Cookie with { MaxAge = TimeSpan.FromSeconds(maxAgeSeconds) } },
        };
        var director = new TrafficDirector(new Engine.DataPlane(TestPools.Node(pool), _time));

        Assignment there = await director.AssignAsync(director.Route("x", "/")!, Cookie(Session(1, "s:1", Now - (uint)age)), default);

        Assert.True(there.IsBound);
        Assert.Equal(renewed, there.NeedsTicket);
    }

    private static Binding Session(ulong id, string backend, uint seen) => new(new SessionId(id, id), BackendKey.Of(backend), 1, seen);

    private static string Cookie(Binding binding) => "ALB=" + Sealed(Codec, binding);
}

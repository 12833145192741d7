using ActorLb.Engine;
using ActorLb.Engine.Failures;
using ActorLb.Engine.Sessions;
using ActorLb.Engine.Traffic;
using ActorLb.Shared.Backends;
using ActorLb.Shared.Sessions;
using Xunit;

namespace ActorLb.Tests.Traffic;

public sealed class TrafficDirectorTests : DirectorTest
{
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

    [Theory]
    [InlineData(true, 1)]
    [InlineData(false, 0)]
    public async Task A_session_that_had_moved_before_its_node_asked_is_not_counted_again(bool isNew, int counted)
    {
        (string cookie, Assignment first) = await NewSession();
        BackendKey elsewhere = BackendKey.Of(first.Backend!.Id == "s:1" ? "s:3" : "s:1");
        _plane.Rebinder = new Owner(known => known with { Backend = elsewhere, Version = known.Version + 1 }) { IsNew = isNew };
        SetHealth(first.Backend.Id, BackendHealth.Down);

        Assert.Equal(elsewhere, (await Assign(cookie)).Backend!.Key);

        Assert.Equal(counted, _plane.SessionCounters.ReboundFor(MoveReason.Down));
        Assert.Equal(counted, first.Backend.Traffic.Sessions[SessionEvent.MovedDown]);
    }

    [Fact]
    public async Task Nodes_whose_owner_is_silent_come_to_the_same_home_alone()
    {
        (string cookie, Assignment first) = await NewSession();
        (DataPlane otherPlane, TrafficDirector other) = Node(_time);
        SetHealth(first.Backend!.Id, BackendHealth.Down);
        Publish(otherPlane);

        Assignment here = await Assign(cookie);
        Assignment there = await other.AssignAsync(other.Route("x", "/")!, cookie, default);

        Assert.NotEqual(first.Backend.Id, here.Backend!.Id);
        Assert.Equal(here.Backend.Id, there.Backend!.Id);
        Assert.Equal(2u, here.Binding.Version);
        Assert.Equal(1, _plane.SessionCounters.ReboundAlone);
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
    public async Task An_open_circuit_keeps_new_sessions_away_before_any_snapshot_says_so_and_moves_nobody()
    {
        (string cookie, Assignment first) = await NewSession();
        var owner = new Owner(known => known);
        _plane.Rebinder = owner;
        first.Backend!.Traffic.OpenCircuit();

        Assert.Equal(first.Backend.Id, (await Assign(cookie)).Backend!.Id);
        for (int i = 0; i < 6; i++)
        {
            Assert.NotEqual(first.Backend.Id, (await Assign(null)).Backend!.Id);
        }

        Assert.Equal(0, owner.Asked);
    }

    [Fact]
    public async Task A_failed_first_request_takes_the_next_turn_with_the_same_session()
    {
        Assignment first = await Assign(null);
        Assignment second = await _director.ReassignAsync(first, RequestOutcome.ConnectFailed, default);

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

        var owner = new Owner(b => b);
        _plane.Rebinder = owner;
        Assignment fresh = await Assign(null);
        Assignment bound = await Assign(cookie);

        Assert.Null(fresh.Backend);
        Assert.False(fresh.NeedsTicket);
        Assert.Null(bound.Backend);
        Assert.False(bound.NeedsTicket);
        Assert.Equal(0, owner.Asked);
    }

    [Fact]
    public async Task A_session_whose_backend_comes_back_while_its_owner_is_silent_stays()
    {
        (string cookie, Assignment first) = await NewSession();
        SetHealth(first.Backend!.Id, BackendHealth.Down);
        _plane.Rebinder = new Silence(() => SetHealth(first.Backend.Id, BackendHealth.Up));

        Assignment back = await Assign(cookie);

        Assert.Equal((first.Backend.Id, 1u), (back.Backend!.Id, back.Binding.Version));
        Assert.Equal(0, _plane.SessionCounters.ReboundAlone);
    }

    private sealed class Silence(Action meanwhile) : IRebinder
    {
        public ValueTask<Rebound?> RebindAsync(
            string pool, Binding known, BackendKey failed, TimeSpan timeout, CancellationToken cancellation)
        {
            meanwhile();
            return new((Rebound?)null);
        }
    }
}

using ActorLb.Engine.Sessions;
using ActorLb.Engine.Traffic;
using ActorLb.Shared.Backends;
using ActorLb.Shared.Sessions;
using Xunit;

namespace ActorLb.Tests.Traffic;

/// <summary>Requests of sessions that are to leave a backend that drains.</summary>
public sealed class LeavingSessionsTests : DirectorTest
{
    [Fact]
    public async Task A_session_stays_until_its_moment_and_is_then_asked_for_once()
    {
        (string cookie, Assignment at, Owner owner) = await LeavingAsync();
        _time.Advance(TimeSpan.FromMilliseconds(999));
        Assert.Equal(at.Backend!.Id, (await Assign(cookie)).Backend!.Id);
        Assert.Equal(0, owner.Asked);

        _time.Advance(TimeSpan.FromMilliseconds(1));
        Assignment moved = await Assign(cookie);
        Assignment again = await Assign(cookie);

        Assert.NotEqual(at.Backend.Id, moved.Backend!.Id);
        Assert.Equal((moved.Backend.Id, 2u, true), (again.Backend!.Id, again.Binding.Version, again.NeedsTicket));
        Assert.Equal([BackendKey.None], owner.Failed);
        Assert.Equal(1, _plane.SessionCounters.ReboundFor(MoveReason.Drained));
    }

    [Fact]
    public async Task Where_the_owner_is_silent_it_moves_to_the_home_that_every_node_would_choose()
    {
        (string cookie, Assignment at, _) = await LeavingAsync();
        _plane.Rebinder = IRebinder.Unavailable;
        _time.Advance(TimeSpan.FromSeconds(1));

        Assignment moved = await Assign(cookie);

        Assert.Equal((Pool.NewHome(at.Binding.Id, at.Backend!.Key)!.Id, 2u), (moved.Backend!.Id, moved.Binding.Version));
    }

    [Fact]
    public async Task Where_nobody_takes_it_it_stays_and_leaves_when_somebody_does()
    {
        (string cookie, Assignment at, Owner owner) = await LeavingAsync();
        string[] others = [.. Pool.Backends.Where(b => b.Key != at.Backend!.Key).Select(b => b.Id)];
        Array.ForEach(others, id => SetHealth(id, BackendHealth.Down));
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal((at.Backend!.Id, 1u), ((await Assign(cookie)).Backend!.Id, (await Assign(cookie)).Binding.Version));
        Assert.Equal(0, owner.Asked);

        SetHealth(others[0], BackendHealth.Up);
        Assert.Equal(others[0], (await Assign(cookie)).Backend!.Id);
    }

    [Fact]
    public async Task A_request_that_waited_past_its_sessions_moment_goes_to_the_new_home()
    {
        (string cookie, Assignment at, _) = await LeavingAsync();
        Assignment waited = await Assign(cookie);
        Assert.Equal(at.Backend!.Id, (await _director.AfterQueueAsync(waited, default)).Backend!.Id);
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.NotEqual(at.Backend.Id, (await _director.AfterQueueAsync(waited, default)).Backend!.Id);
    }

    [Fact]
    public async Task A_drain_without_moving_and_one_that_was_ended_keep_their_sessions()
    {
        (string cookie, Assignment at, Owner owner) = await LeavingAsync();
        _time.Advance(TimeSpan.FromSeconds(1));
        SetOperator(at.Backend!.Id, OperatorState.Ready);
        Assert.Equal(at.Backend.Id, (await Assign(cookie)).Backend!.Id);
        Assert.Equal(0, owner.Asked);
    }

    // A bound session whose backend is left a second from now.
    private async Task<(string Cookie, Assignment At, Owner Owner)> LeavingAsync()
    {
        Publish(_plane);
        (string cookie, _) = await NewSession();
        var owner = new Owner(known => known.MovedTo(Pool.NewHome(known.Id, known.Backend)!.Key, known.LastSeen));
        _plane.Rebinder = owner;
        Assignment at = await Assign(cookie);
        SetMoves(at.Backend!.Id, SessionMoves.At(_time.GetUtcNow().AddSeconds(1), 1, null));
        return (cookie, at, owner);
    }
}

using ActorLb.Engine;
using ActorLb.Engine.Failures;
using ActorLb.Engine.Sessions;
using ActorLb.Engine.Traffic;
using ActorLb.Shared.Backends;
using Xunit;

namespace ActorLb.Tests.Traffic;

public sealed class BoundRequestTests : DirectorTest
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(2);

    private BackendTraffic TrafficOf(Assignment assignment) => _plane.Traffic[new BackendName("web", assignment.Backend!.Id)];

    [Fact]
    public async Task A_refused_request_tries_its_backend_again_with_growing_pauses_and_asks_nobody()
    {
        (Assignment at, Owner owner) = await BoundAsync();
        string home = at.Backend!.Id;
        foreach (int pause in new[] { 20, 40, 80, 160, 320, 320, 320 })
        {
            Task<Assignment> next = Refused(at);
            Assert.Equal(1, TrafficOf(at).Held);
            _time.Advance(TimeSpan.FromMilliseconds(pause - 1));
            Assert.False(next.IsCompleted);
            _time.Advance(TimeSpan.FromMilliseconds(1));
            at = await next;
            Assert.Equal(home, at.Backend!.Id);
            Assert.Equal(0, TrafficOf(at).Held);
        }

        Assert.Equal(0, owner.Asked);
    }

    [Fact]
    public async Task A_refused_request_goes_to_the_new_home_as_soon_as_the_verdict_is_down()
    {
        (Assignment at, Owner owner) = await BoundAsync();
        Task<Assignment> next = Refused(at);
        SetHealth(Other(at), BackendHealth.Up);
        SetHealth(at.Backend!.Id, BackendHealth.Down);

        Assignment moved = await next;

        Assert.NotEqual(at.Backend.Id, moved.Backend!.Id);
        Assert.Equal([at.Backend.Key], owner.Failed);
        Assert.True(moved.NeedsTicket);
        Assert.Equal(1, _plane.SessionCounters.ReboundFor(MoveReason.Down));
        Assert.Equal(0, TrafficOf(at).UnreachedMoves);
    }

    [Fact]
    public async Task Where_the_backend_is_up_and_this_node_alone_is_refused_the_session_moves_when_the_time_to_connect_is_over()
    {
        (Assignment first, Owner owner) = await BoundAsync();
        Assignment at = first;
        long began = _time.GetTimestamp();
        while (at.Backend!.Key == first.Backend!.Key)
        {
            Task<Assignment> next = Refused(at);
            _time.Advance(TimeSpan.FromMilliseconds(320));
            at = await next;
        }

        Assert.InRange(_time.GetElapsedTime(began), Limit, Limit + TimeSpan.FromMilliseconds(320));
        Assert.Equal([first.Backend.Key], owner.Failed);
        Assert.Equal(1, _plane.SessionCounters.ReboundFor(MoveReason.Unreachable));
        Assert.Equal(1, TrafficOf(first).UnreachedMoves);
    }

    [Fact]
    public async Task A_node_that_reaches_nobody_moves_no_session_for_it()
    {
        (Assignment first, Owner owner) = await BoundAsync();
        _plane.IsCutOff = true;
        Assignment at = first;
        while (at.Backend is not null)
        {
            Assert.Equal(first.Backend!.Key, at.Backend.Key);
            Task<Assignment> next = Refused(at);
            _time.Advance(TimeSpan.FromMilliseconds(320));
            at = await next;
        }

        Assert.Equal((first.Binding, 0), (at.Binding, owner.Asked));
        Assert.Equal(0, TrafficOf(first).UnreachedMoves);
    }

    [Fact]
    public async Task A_request_that_has_waited_long_enough_leaves_the_next_backend_that_refuses_it_at_once()
    {
        (Assignment first, _) = await BoundAsync();
        Task<Assignment> next = Refused(first);
        SetHealth(first.Backend!.Id, BackendHealth.Down);
        Assignment second = await next;
        _time.Advance(Limit);

        Assignment third = await Refused(second);

        Assert.NotEqual(second.Backend!.Id, third.Backend!.Id);
    }

    [Fact]
    public async Task A_request_whose_connect_timed_out_waits_for_the_verdict_and_connects_again_once_it_is_up()
    {
        (Assignment at, Owner owner) = await BoundAsync();
        Task<Assignment> next = TimedOut(at);
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.False(next.IsCompleted);
        _plane.Confirm(new BackendName("web", at.Backend!.Id));

        Assignment again = await next;

        Assert.Equal(at.Backend.Id, again.Backend!.Id);
        Assert.Equal(0, owner.Asked);
        Assignment moved = await TimedOut(again);
        Assert.NotEqual(at.Backend.Id, moved.Backend!.Id);
        Assert.Equal([at.Backend.Key], owner.Failed);
        Assert.Equal(1, _plane.SessionCounters.ReboundFor(MoveReason.Unreachable));
    }

    [Fact]
    public async Task A_request_whose_connect_timed_out_waits_for_no_verdict_longer_than_for_a_connection()
    {
        (Assignment at, Owner owner) = await BoundAsync();
        Task<Assignment> next = TimedOut(at);
        _time.Advance(Limit);

        Assert.NotEqual(at.Backend!.Id, (await next).Backend!.Id);
        Assert.Equal(1, owner.Asked);
    }

    [Fact]
    public async Task Requests_to_a_silent_backend_wait_for_its_verdict_and_connect_to_none()
    {
        (Assignment at, Owner owner) = await BoundAsync();
        string cookie = Cookie(at);
        TrafficOf(at).FallSilent(_time.GetTimestamp());
        Task<Assignment>[] waiting = [.. Enumerable.Range(0, 10).Select(_ => Assign(cookie))];
        Assert.Equal(10, TrafficOf(at).Held);
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.DoesNotContain(waiting, w => w.IsCompleted);
        SetHealth(at.Backend!.Id, BackendHealth.Down);

        Assignment[] moved = await Task.WhenAll(waiting);

        Assert.Single(moved.Select(m => m.Backend!.Id).Distinct());
        Assert.DoesNotContain(moved, m => m.Backend!.Id == at.Backend.Id);
        Assert.All(owner.Failed, f => Assert.Equal(BackendKey.None, f));
        Assert.Equal(0, TrafficOf(at).Held);
    }

    [Fact]
    public async Task Requests_to_a_silent_backend_go_there_once_its_circuit_closes()
    {
        (Assignment at, Owner owner) = await BoundAsync();
        TrafficOf(at).FallSilent(_time.GetTimestamp());
        Task<Assignment> waiting = Assign(Cookie(at));
        _time.Advance(TimeSpan.FromMilliseconds(10));
        _plane.CloseCircuit(new BackendName("web", at.Backend!.Id));

        Assert.Equal(at.Backend.Id, (await waiting).Backend!.Id);
        Assert.Equal(0, owner.Asked);
    }

    [Fact]
    public async Task Where_no_verdict_comes_a_request_to_a_silent_backend_connects_once_and_moves()
    {
        (Assignment at, Owner owner) = await BoundAsync();
        TrafficOf(at).FallSilent(_time.GetTimestamp());
        Task<Assignment> waiting = Assign(Cookie(at));
        _time.Advance(Limit);
        Assignment own = await waiting;
        Assert.Equal(at.Backend!.Id, own.Backend!.Id);

        Assert.NotEqual(at.Backend.Id, (await TimedOut(own)).Backend!.Id);
        Assert.Equal([at.Backend.Key], owner.Failed);
    }

    [Fact]
    public async Task Beyond_the_limit_a_session_moves_without_waiting()
    {
        (DataPlane plane, TrafficDirector director) = Node(limits => limits with { HeldRequestsMax = 1 });
        Publish(plane);
        Assignment first = (await director.AssignAsync(director.Route("x", "/")!, default(string), default)) with { IsBound = true };
        Task<Assignment> waits = director.ReassignAsync(first, RequestOutcome.ConnectFailed, default).AsTask();
        Assert.False(waits.IsCompleted);

        Assignment moved = await director.ReassignAsync(first, RequestOutcome.ConnectFailed, default);

        Assert.NotEqual(first.Backend!.Id, moved.Backend!.Id);
        Assert.Equal(1, first.Backend.Traffic.HoldRefusals);
        Assert.False(waits.IsCompleted);
        _time.Advance(Limit);
        await waits;
        Assert.Equal(0, first.Backend.Traffic.Held);
    }

    [Fact]
    public async Task Where_nobody_else_is_there_the_owner_is_not_asked_and_the_request_ends_with_the_verdict()
    {
        (Assignment at, Owner owner) = await BoundAsync();
        foreach (string id in new[] { "s:1", "s:2", "s:3" }.Where(id => id != at.Backend!.Id))
        {
            SetHealth(id, BackendHealth.Down);
        }

        Task<Assignment> next = Refused(at);
        _time.Advance(TimeSpan.FromMilliseconds(20));
        Assert.Equal(at.Backend!.Id, (await next).Backend!.Id);
        next = Refused(at);
        SetHealth(at.Backend.Id, BackendHealth.Down);

        Assert.Null((await next).Backend);
        Assert.Equal(0, owner.Asked);
    }

    [Theory]
    [InlineData(nameof(RequestOutcome.ResetBeforeResponse))]
    [InlineData(nameof(RequestOutcome.InvalidResponse))]
    [InlineData(nameof(RequestOutcome.TimedOut))]
    [InlineData(nameof(RequestOutcome.ClientGone))]
    [InlineData(null)]
    public async Task Whatever_is_no_failed_connect_moves_no_session(string? outcome)
    {
        (Assignment at, Owner owner) = await BoundAsync();

        Assert.Null((await _director.ReassignAsync(at, outcome is null ? null : Enum.Parse<RequestOutcome>(outcome), default)).Backend);
        Assert.Equal(0, owner.Asked);
        Assert.Equal(at.Backend!.Id, (await Assign(Cookie(at))).Backend!.Id);
    }

    [Theory]
    [InlineData(OperatorState.Maintenance)]
    [InlineData(OperatorState.Ready)]
    public async Task An_owner_is_not_told_of_a_failed_connect_where_there_was_none(OperatorState state)
    {
        (Assignment at, Owner owner) = await BoundAsync();
        SetOperator(at.Backend!.Id, state);
        if (state == OperatorState.Ready)
        {
            SetHealth(at.Backend.Id, BackendHealth.Down);
        }

        await Assign(Cookie(at));

        Assert.Equal([BackendKey.None], owner.Failed);
    }

    [Fact]
    public async Task A_request_that_was_ended_by_maintenance_follows_its_session()
    {
        (Assignment at, Owner owner) = await BoundAsync();
        SetOperator(at.Backend!.Id, OperatorState.Maintenance);

        Assignment moved = await _director.ReassignAsync(at, null, default);
        Assignment again = await _director.ReassignAsync(at, null, default);

        Assert.NotEqual(at.Backend.Id, moved.Backend!.Id);
        Assert.Equal(moved.Backend.Id, again.Backend!.Id);
        Assert.Equal([BackendKey.None], owner.Failed);
        Assert.Equal(1, _plane.SessionCounters.ReboundFor(MoveReason.Maintenance));
    }

    [Fact]
    public async Task A_client_that_leaves_ends_the_wait()
    {
        (Assignment at, Owner owner) = await BoundAsync();
        using var gone = new CancellationTokenSource();
        Task<Assignment> next = _director.ReassignAsync(at, RequestOutcome.ConnectFailed, gone.Token).AsTask();
        await gone.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => next);
        Assert.Equal(0, TrafficOf(at).Held);
        Assert.Equal(0, owner.Asked);
    }

    private static string Other(Assignment than) => than.Backend!.Id == "s:1" ? "s:2" : "s:1";

    private Task<Assignment> Refused(in Assignment at) => _director.ReassignAsync(at, RequestOutcome.ConnectFailed, default).AsTask();

    private Task<Assignment> TimedOut(in Assignment at) => _director.ReassignAsync(at, RequestOutcome.ConnectTimedOut, default).AsTask();

    /// <summary>A bound request at its backend, all backends up, and the owner who moves sessions as the hash says.</summary>
    private async Task<(Assignment At, Owner Owner)> BoundAsync()
    {
        Publish(_plane);
        (string cookie, _) = await NewSession();
        var owner = new Owner(known => known with { Backend = Pool.NewHome(known.Id, known.Backend)!.Key, Version = known.Version + 1 });
        _plane.Rebinder = owner;
        Assignment at = await Assign(cookie);
        Assert.True(at.IsBound);
        return (at, owner);
    }
}

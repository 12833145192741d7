using ActorLb.Chaos.History;
using Xunit;

namespace ActorLb.Tests.Chaos;

/// <summary>Invariant 11: whom a change may cost something.</summary>
public sealed class ChangeHistoryTests
{
    public static TheoryData<FaultKind> Changes =>
        [FaultKind.Reload, FaultKind.BadReload, FaultKind.Apply, FaultKind.BadApply, FaultKind.AddRemove, FaultKind.Weights, FaultKind.DrainMove];

    [Theory]
    [MemberData(nameof(Changes))]
    public void A_request_that_fails_while_settings_change_is_found(FaultKind kind)
    {
        Assert.Equal([11], new WrittenHistory().Fault(kind, 2, 8).Fail(4, "a", "s").Broken());
        Assert.Equal([11], new WrittenHistory().Fault(kind, 2, 8, "x").Visit(3, "a", "s", "x").Fail(4, "a", "s", AttemptEnd.Broken).Broken());
        Assert.Equal([5], new WrittenHistory().Fault(kind, 2, 8).Fail(9.5, "a", "s").Broken());
    }

    [Theory]
    [MemberData(nameof(Changes))]
    public void A_session_moves_only_where_its_own_backend_leaves(FaultKind kind)
    {
        Assert.Empty(new WrittenHistory().Fault(kind, 2, 8, "x").Visit(1, "a", "s", "x").Visit(4, "a", "s", "y").Visit(6, "b", "s", "y").Broken());
        Assert.Equal([11], new WrittenHistory().Fault(kind, 2, 8, "z").Visit(1, "a", "s", "x").Visit(4, "a", "s", "y").Broken());
    }

    [Fact]
    public void A_session_that_is_moved_by_a_drain_moves_once() => Assert.Equal(
        [3],
        new WrittenHistory().Fault(FaultKind.DrainMove, 2, 8, "x").Visit(1, "a", "s", "x").Visit(4, "a", "s", "y").Visit(5, "b", "s", "z").Broken());

    [Theory]
    [InlineData(FaultKind.AddRemove)]
    [InlineData(FaultKind.DrainMove)]
    [InlineData(FaultKind.ScaleBackends)]
    public void A_session_that_was_silent_while_its_backend_left_shows_its_move_when_it_asks_again(FaultKind kind)
    {
        Assert.Empty(new WrittenHistory().Fault(kind, 2, 8, "x").Visit(1, "a", "s", "x").Visit(40, "a", "s", "y").Broken());
        Assert.Contains(2, new WrittenHistory().Fault(kind, 2, 8, "x").Visit(1, "a", "s", "x").Visit(20, "a", "s", "x").Visit(40, "a", "s", "y").Broken());
        Assert.Equal([2], new WrittenHistory().Fault(FaultKind.KillBackend, 2, 8, "x").Visit(1, "a", "s", "x").Visit(40, "a", "s", "y").Broken());
    }

    [Fact]
    public void A_node_that_is_killed_during_a_change_cannot_answer_and_the_others_must()
    {
        WrittenHistory Killed() => new WrittenHistory().Away(FaultKind.Apply, 2, 8, "a");

        Assert.Empty(Killed().Fail(4, "a", "s", AttemptEnd.Refused).Fail(1.95, "a", "s", AttemptEnd.Broken).Tunnel(2.1, TunnelEnd.Broken).Broken());
        Assert.Equal([11], Killed().Fail(4, "b", "s", AttemptEnd.Refused).Broken());
        Assert.Equal([11], Killed().Tunnel(4, TunnelEnd.Broken, node: "b").Broken());
    }

    [Theory]
    [MemberData(nameof(Changes))]
    public void A_WebSocket_is_closed_only_where_its_own_backend_leaves_and_with_1001(FaultKind kind)
    {
        Assert.Empty(new WrittenHistory().Fault(kind, 2, 8, "x").Tunnel(4, TunnelEnd.Closed, 1001).Broken());
        Assert.Equal([11], new WrittenHistory().Fault(kind, 2, 8, "y").Tunnel(4, TunnelEnd.Closed, 1001).Broken());
        Assert.Equal([11], new WrittenHistory().Fault(kind, 2, 8, "x").Tunnel(4, TunnelEnd.Closed, 1000).Broken());
        Assert.Equal([11], new WrittenHistory().Fault(kind, 2, 8, "x").Tunnel(4, TunnelEnd.Broken).Broken());
        Assert.Equal([11], new WrittenHistory().Fault(kind, 2, 8).Tunnel(4, TunnelEnd.Silent).Broken());
    }

    [Fact]
    public void A_WebSocket_whose_client_leaves_is_nobodys_fault() =>
        Assert.Empty(new WrittenHistory().Fault(FaultKind.Reload, 2, 8).Tunnel(4, TunnelEnd.Left).Broken());

    [Fact]
    public void A_WebSocket_that_is_closed_while_nothing_happens_is_found() => Assert.Equal([11], new WrittenHistory().Tunnel(4, TunnelEnd.Closed, 1001).Broken());

    [Fact]
    public void A_WebSocket_may_end_by_a_fault_that_is_more_than_a_change() =>
        Assert.Empty(new WrittenHistory().Fault(FaultKind.KillBackend, 2, 8, "x").Tunnel(2.5, TunnelEnd.Broken).Tunnel(11.9, TunnelEnd.Closed, 1001).Broken());

    [Fact]
    public void A_WebSocket_that_gets_what_is_not_its_own_is_found() => Assert.Equal([9], new WrittenHistory().Tunnel(4, TunnelEnd.Foreign).Broken());
}

using ActorLb.Node.Operator;
using Xunit;

namespace ActorLb.Tests.Operator;

public sealed class ConfirmationStateTests
{
    [Fact]
    public void It_is_complete_when_a_majority_keeps_it_and_all_that_can_be_reached_go_by_it()
    {
        ConfirmationState state = Among(true, true, true).With(Kept("n1")).With(Kept("n2"));
        Assert.False(state.IsComplete);
        Assert.Equal(["n3"], state.Result.NotInForce.ToArray());
        Assert.True(state.Result.ByMajority);

        state = state.With(Kept("n3") with { IsOnDisk = false });
        Assert.True(state.IsComplete);
        Assert.Empty(state.Result.NotInForce);
        Assert.Equal(["n3"], state.Result.NotOnDisk.ToArray());
    }

    [Fact]
    public void A_node_that_knows_it_and_does_not_route_by_it_yet_is_waited_for()
    {
        ConfirmationState state = Among(true, true).With(Kept("n1")).With(Kept("n2") with { IsInForce = false });
        Assert.False(state.IsComplete);
        Assert.True(state.With(Kept("n2")).IsComplete);
    }

    [Fact]
    public void Who_cannot_be_reached_is_named_and_not_waited_for()
    {
        ConfirmationState state = Among(true, true, false).With(Kept("n1")).With(Kept("n2"));
        Assert.True(state.IsComplete);
        Assert.Equal(["n3"], state.Result.NotInForce.ToArray());

        ConfirmationState minority = Among(true, false, false).With(Kept("n1"));
        Assert.False(minority.IsComplete);
        Assert.False(minority.Result.ByMajority);
        Assert.Equal(["n2", "n3"], minority.Result.NotInForce.ToArray());
    }

    [Fact]
    public void A_side_that_has_lost_more_than_are_left_decides_for_nobody_else_and_names_them()
    {
        ConfirmationState alone = ConfirmationState.Of("n1").Among([new("n1", true, Serves: true, Votes: true)], ["n2", "n3"]).With(Kept("n1"));
        Assert.False(alone.IsComplete);
        Assert.False(alone.Result.ByMajority);
        Assert.Equal(["n2", "n3"], alone.Result.NotInForce.ToArray());

        // Of two halves neither is cut off, and of a larger one those that died.
        Assert.True(ConfirmationState.Of("n1").Among([new("n1", true, Serves: true, Votes: true)], ["n2"]).With(Kept("n1")).IsComplete);
        ConfirmationState two = ConfirmationState.Of("n1")
            .Among([new("n1", true, Serves: true, Votes: true), new("n2", true, Serves: true, Votes: true)], ["n3"])
            .With(Kept("n1"))
            .With(Kept("n2"));
        Assert.True(two.IsComplete);
        Assert.Empty(two.Result.NotInForce);
    }

    [Fact]
    public void A_node_that_leaves_has_closed_its_listeners()
    {
        ConfirmationState state = ConfirmationState.Of("n1")
            .Among([new("n1", true, Serves: true, Votes: true), new("n2", true, Serves: false, Votes: true)], [])
            .With(Kept("n1"))
            .With(Kept("n2") with { IsInForce = false });
        Assert.True(state.IsComplete);
        Assert.Empty(state.Result.NotInForce);
    }

    [Fact]
    public void A_node_that_joins_may_serve_already_and_is_waited_for_without_a_vote()
    {
        ConfirmationState state = ConfirmationState.Of("n1")
            .Among([new("n1", true, Serves: true, Votes: true), new("n2", true, Serves: true, Votes: false)], [])
            .With(Kept("n1"));
        Assert.True(state.Result.ByMajority);
        Assert.False(state.IsComplete);
        Assert.Equal(["n2"], state.Result.NotInForce.ToArray());
        Assert.True(state.With(Kept("n2") with { IsOnDisk = false }).IsComplete);
    }

    [Fact]
    public void A_node_without_a_cluster_answers_for_itself_and_keeps_it_by_no_majority()
    {
        ConfirmationState state = ConfirmationState.Of("n1").Among([], []);
        Assert.Equal(["n1"], state.Result.NotInForce.ToArray());
        state = state.With(Kept("n1"));
        Assert.False(state.IsComplete);
        Assert.Empty(state.Result.NotInForce);
        Assert.False(state.Result.ByMajority);
    }

    private static DecisionKept Kept(string node) => new(node, IsKnown: true, IsOnDisk: true, IsInForce: true);

    private static ConfirmationState Among(params bool[] canBeReached) =>
        ConfirmationState.Of("n1").Among(canBeReached.Select((c, i) => new AskedNode($"n{i + 1}", c, Serves: true, Votes: true)), []);
}

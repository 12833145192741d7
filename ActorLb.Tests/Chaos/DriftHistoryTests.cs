using ActorLb.Chaos.Checking;
using ActorLb.Chaos.History;
using Xunit;

namespace ActorLb.Tests.Chaos;

/// <summary>Invariant 13: who runs something else is known.</summary>
public sealed class DriftHistoryTests
{
    [Fact]
    public void Nodes_that_run_the_same_and_say_so_are_well() =>
        Assert.Empty(new WrittenHistory().Drift(1, "a", "1", ["b"], []).Drift(1, "b", "1", ["a"], []).Broken());

    [Fact]
    public void Nodes_that_differ_and_say_so_are_well() =>
        Assert.Empty(new WrittenHistory().Drift(1, "a", "1", [], ["b"]).Drift(1, "b", "2", [], ["a"]).Broken());

    [Fact]
    public void A_difference_that_nobody_tells_is_found() =>
        Assert.Equal([13], new WrittenHistory().Drift(1, "a", "1", ["b"], []).Drift(1, "b", "2", [], ["a"]).Broken());

    [Fact]
    public void A_difference_that_is_told_where_there_is_none_is_found() =>
        Assert.Equal([13], new WrittenHistory().Drift(1, "a", "1", [], ["b"]).Drift(1, "b", "1", ["a"], []).Broken());

    [Fact]
    public void The_last_words_of_a_node_of_which_nobody_speaks_any_more_are_of_the_past() =>
        Assert.Empty(
            new WrittenHistory().Drift(1, "c", "1", ["a", "b"], []).Drift(2, "a", "2", ["b"], []).Drift(2, "b", "2", ["a"], []).Broken());

    [Fact]
    public void What_is_told_within_seconds_is_told_in_time()
    {
        WrittenHistory Told(double after) => new WrittenHistory()
            .Drift(1, "a", "1", ["b"], []).Drift(1, "b", "1", ["a"], [])
            .Drift(20, "b", "2", [], ["a"])
            .Drift(20 + after, "a", "1", [], ["b"]);

        Assert.Empty(Told(DriftInvariant.SecondsMax + DriftInvariant.AskSeconds - 0.1).Broken());
        Assert.Equal([13], Told(DriftInvariant.SecondsMax + DriftInvariant.AskSeconds + 0.1).Broken());
    }

    [Fact]
    public void Nodes_that_were_away_or_cut_off_may_have_heard_nothing()
    {
        WrittenHistory Before() => new WrittenHistory().Drift(1, "a", "1", ["b"], []).Drift(1, "b", "2", [], ["a"]);

        Assert.Empty(Before().Fault(FaultKind.CutSides, 0.5, 99).Broken());
        Assert.Empty(Before().Away(FaultKind.Apply, 0.5, 99, "b").Broken());
        Assert.Equal([13], Before().Fault(FaultKind.Reload, 0.5, 99).Broken());
    }
}

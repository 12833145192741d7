using ActorLb.Chaos.Checking;
using ActorLb.Chaos.History;
using Xunit;

namespace ActorLb.Tests.Chaos;

/// <summary>Invariants 2, 3, 4 and 7: where sessions may live.</summary>
public sealed class StickyHistoryTests
{
    [Fact]
    public void A_session_that_stays_on_every_node_holds() =>
        Assert.Empty(new WrittenHistory().Visit(1, "a", "s", "x").Visit(2, "b", "s", "x").Visit(3, "c", "s", "x").Broken());

    [Fact]
    public void A_session_that_leaves_a_backend_that_is_well_has_strayed()
    {
        Verdict verdict = new WrittenHistory().Visit(3, "a", "s", "x").Visit(4, "b", "s", "y").Judge();

        Assert.Equal([2, 7], verdict.Violations.Select(v => v.Invariant));
        Violation strayed = verdict.Violations[0];
        Assert.Equal("s", strayed.Session);
        Assert.Equal(4, strayed.At);
        Assert.Contains("left x", strayed.What, StringComparison.Ordinal);
        Assert.Equal(2, strayed.Requests.Length);
    }

    [Fact]
    public void A_fault_of_another_backend_excuses_no_move()
    {
        Verdict verdict = new WrittenHistory().Fault(FaultKind.KillBackend, 1.5, 5, "z").Visit(1, "a", "s", "x").Visit(2, "b", "s", "y").Judge();

        Assert.Equal([2], verdict.Violations.Select(v => v.Invariant));
        Assert.Equal(FaultKind.KillBackend, Assert.Single(verdict.Violations[0].Faults).Kind);
    }

    [Fact]
    public void A_fault_of_nodes_excuses_no_move() =>
        Assert.Equal([2], new WrittenHistory().Away(FaultKind.KillNode, 1.5, 5, "a").Visit(1, "a", "s", "x").Visit(2, "b", "s", "y").Broken());

    [Fact]
    public void A_session_whose_backend_died_moves_once_and_stays_when_it_returns() =>
        Assert.Empty(new WrittenHistory()
            .Fault(FaultKind.KillBackend, 1.5, 5, "x")
            .Visit(1, "a", "s", "x").Visit(2, "b", "s", "y").Visit(3, "a", "s", "y").Visit(20, "c", "s", "y")
            .Broken());

    [Fact]
    public void A_second_new_home_is_one_too_many() =>
        Assert.Equal([3], new WrittenHistory()
            .Fault(FaultKind.KillBackend, 1.5, 5, "x")
            .Visit(1, "a", "s", "x").Visit(2, "b", "s", "y").Visit(3, "c", "s", "z")
            .Broken());

    [Fact]
    public void Two_nodes_that_decide_differently_at_the_same_moment_are_found() =>
        Assert.Equal([3], new WrittenHistory()
            .Fault(FaultKind.KillBackend, 1.5, 5, "x")
            .Visit(1, "a", "s", "x").Visit(2, "b", "s", "y", took: 0.5).Visit(2.1, "c", "s", "z", took: 0.5)
            .Broken());

    [Fact]
    public void Going_back_when_the_old_backend_returns_is_found() =>
        Assert.Equal([3], new WrittenHistory()
            .Fault(FaultKind.KillBackend, 1.5, 5, "x")
            .Visit(1, "a", "s", "x").Visit(2, "b", "s", "y").Visit(20, "c", "s", "x")
            .Broken());

    [Fact]
    public void An_answer_of_the_old_home_that_was_asked_for_before_anybody_knew_the_new_one_is_late_and_no_more() =>
        Assert.Empty(new WrittenHistory()
            .Fault(FaultKind.SilentBackend, 1.5, 5, "x")
            .Visit(1, "a", "s", "x").Visit(2, "b", "s", "y", took: 0.5).Visit(2.3, "c", "s", "x", took: 2)
            .Broken());

    [Fact]
    public void Asked_for_after_that_it_went_back() =>
        Assert.Equal([3], new WrittenHistory()
            .Fault(FaultKind.SilentBackend, 1.5, 5, "x")
            .Visit(1, "a", "s", "x").Visit(2, "b", "s", "y", took: 0.5).Visit(6.5, "c", "s", "x")
            .Broken());

    [Fact]
    public void The_next_fault_may_move_a_session_again_also_back() =>
        Assert.Empty(new WrittenHistory()
            .Fault(FaultKind.KillBackend, 1.5, 5, "x").Fault(FaultKind.KillBackend, 10, 15, "y")
            .Visit(1, "a", "s", "x").Visit(2, "b", "s", "y").Visit(11, "c", "s", "x")
            .Broken());

    [Fact]
    public void Two_sides_of_a_partition_may_move_a_session_to_two_homes_until_they_meet_again() =>
        Assert.Empty(Parted().Visit(4, "a", "s", "y").Visit(5, "b", "s", "z").Visit(6, "a", "s", "y").Visit(10.9, "b", "s", "z").Visit(30, "a", "s", "z").Broken());

    [Fact]
    public void Two_seconds_after_they_met_it_must_have_one_home() =>
        Assert.Contains(3, Parted().Visit(4, "a", "s", "y").Visit(5, "b", "s", "z").Visit(13.5, "a", "s", "y").Broken());

    [Fact]
    public void A_partition_alone_moves_nobody() =>
        Assert.Equal([2], new WrittenHistory().Fault(FaultKind.CutSides, 2, 9).Visit(1, "a", "s", "x").Visit(4, "b", "s", "y").Broken());

    [Fact]
    public void A_node_that_does_not_know_a_session_has_lost_it()
    {
        var history = new WrittenHistory();
        history.Visit(1, "a", "s", "x").Add(new Attempt
        {
            Number = 0, Client = ClientKind.Browser, Browser = 1, Node = "b", Sent = 2, Ended = 2.1, End = AttemptEnd.Answered, Status = 200, SessionSent = "s", SessionGiven = "t", Backend = "x",
        });

        Assert.Equal([4], history.Broken());
    }

    [Fact]
    public void Nodes_that_never_count_the_same_again_have_not_merged() =>
        Assert.Equal([7], new WrittenHistory()
            .Fault(new FaultSpan { Number = 0, Kind = FaultKind.CutPair, Detail = "cut-pair", At = 1, HealedAt = 5, OneClusterAt = 6, WholeAt = 6 })
            .Broken());

    // x dies in the middle of a partition of a and b.
    private static WrittenHistory Parted() => new WrittenHistory()
        .Fault(FaultKind.CutPair, 2, 9)
        .Fault(FaultKind.KillBackend, 3, 9, "x")
        .Visit(1, "a", "s", "x");
}

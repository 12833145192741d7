using ActorLb.Chaos.History;
using Xunit;

namespace ActorLb.Tests.Chaos;

/// <summary>Invariants 5 and 6: who must answer, and when a failure is nobody's fault.</summary>
public sealed class ServedHistoryTests
{
    [Theory]
    [InlineData(AttemptEnd.Answered)]
    [InlineData(AttemptEnd.Broken)]
    [InlineData(AttemptEnd.TimedOut)]
    [InlineData(AttemptEnd.Refused)]
    public void A_failure_without_any_fault_is_found(AttemptEnd end) =>
        Assert.Equal([5], new WrittenHistory().Fail(1, "a", "s", end).Broken());

    [Fact]
    public void A_client_error_is_an_answer() => Assert.Empty(new WrittenHistory().Fail(1, "a", "s", status: 404).Broken());

    [Fact]
    public void A_killed_node_cannot_answer_and_the_others_must()
    {
        Assert.Empty(new WrittenHistory().Away(FaultKind.KillNode, 2, 8, "a").Fail(5, "a", "s", AttemptEnd.Refused).Fail(1.95, "a", "s", AttemptEnd.Broken).Broken());
        Assert.Equal([5], new WrittenHistory().Away(FaultKind.KillNode, 2, 8, "a").Fail(5, "b", "s", AttemptEnd.Broken).Broken());
        Assert.Equal([5], new WrittenHistory().Away(FaultKind.KillNode, 2, 8, "a").Fail(8.5, "a", "s", AttemptEnd.Refused).Broken());
    }

    [Fact]
    public void A_node_that_stops_in_good_order_may_refuse_and_must_finish_what_it_accepted()
    {
        Assert.Empty(new WrittenHistory().Away(FaultKind.RollingRestart, 2, 8, "a", gracefully: true).Fail(5, "a", "s", AttemptEnd.Refused).Broken());
        Assert.Equal([5], new WrittenHistory().Away(FaultKind.RollingRestart, 2, 8, "a", gracefully: true).Fail(5, "a", "s", AttemptEnd.Broken).Broken());
    }

    [Fact]
    public void What_a_killed_backend_had_already_got_is_lost_and_nothing_later()
    {
        WrittenHistory history = new WrittenHistory().Fault(FaultKind.KillBackend, 2, 8, "x").Visit(1, "a", "s", "x");
        Assert.Empty(history.Fail(1.9, "a", "s", took: 0.2).Broken());
        Assert.Equal([5], history.Fail(2.5, "a", "s").Broken());
    }

    [Fact]
    public void A_killed_backend_excuses_no_failure_of_a_session_that_lives_elsewhere() =>
        Assert.Equal([5], new WrittenHistory().Fault(FaultKind.KillBackend, 2, 8, "x").Visit(1, "a", "s", "y").Fail(1.95, "a", "s").Broken());

    [Fact]
    public void A_backend_that_hangs_fails_requests_until_it_is_marked_down()
    {
        WrittenHistory Hanging() => new WrittenHistory()
            .Fault(new FaultSpan { Number = 0, Kind = FaultKind.SilentBackend, Detail = "", At = 2, HealedAt = 9, MarkedDownAt = 4, OneClusterAt = 9, EqualAt = 9, WholeAt = 10, Backends = ["x"] })
            .Visit(1, "a", "s", "x");

        Assert.Empty(Hanging().Fail(3, "a", "s", AttemptEnd.TimedOut, took: 5).Broken());
        Assert.Equal([5], Hanging().Fail(5, "a", "s", AttemptEnd.TimedOut, took: 5).Broken());
    }

    [Fact]
    public void A_session_that_is_being_moved_may_still_be_at_its_old_backend()
    {
        WrittenHistory Resetting(double moved, double took) => new WrittenHistory()
            .Fault(FaultKind.ResettingBackend, 2, 8, "x").Visit(1, "a", "s", "x").Visit(moved, "a", "s", "y", took);

        Assert.Empty(Resetting(2.2, took: 0.3).Fail(2.3, "b", "s").Broken());
        Assert.Equal([5], Resetting(2.2, took: 0.05).Fail(2.3, "b", "s").Broken());
    }

    [Fact]
    public void Every_side_of_a_partition_answers() =>
        Assert.Equal([6], new WrittenHistory().Fault(FaultKind.CutSides, 2, 8).Fail(4, "a", "s").Broken());

    [Fact]
    public void One_cluster_fifteen_seconds_after_the_network_healed_and_not_later()
    {
        FaultSpan cut = new() { Number = 0, Kind = FaultKind.CutSides, Detail = "", At = 2, HealedAt = 8, OneClusterAt = 23, EqualAt = 23, WholeAt = 23 };
        Assert.Empty(new WrittenHistory().Fault(cut).Broken());
        Assert.Equal([6], new WrittenHistory().Fault(cut with { OneClusterAt = 23.1 }).Broken());
        Assert.Contains(6, new WrittenHistory().Fault(cut with { OneClusterAt = null, WholeAt = null }).Broken());
    }

    [Fact]
    public void What_the_run_itself_complains_of_is_a_violation() =>
        Assert.Equal([0], new WrittenHistory().Complain("not as before").Broken());
}

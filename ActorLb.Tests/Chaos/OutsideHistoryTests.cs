using ActorLb.Chaos.Checking;
using ActorLb.Chaos.History;
using ActorLb.Chaos.Reporting;
using Xunit;

namespace ActorLb.Tests.Chaos;

/// <summary>Invariants 1, 8 and 9: turns, memory, secrets; and what is made of a verdict.</summary>
public sealed class OutsideHistoryTests
{
    private static readonly Attempt Forged = new()
    {
        Number = 0, Client = ClientKind.Forger, Browser = 0, Node = "a", Sent = 1, Ended = 1.1, End = AttemptEnd.Answered, Status = 200, SessionSent = "unreadable", SessionGiven = "new", Backend = "x",
    };

    [Fact]
    public void Turns_that_differ_by_one_are_round_robin() => Assert.Empty(Turns("x", "y", "z", "x", "y").Broken());

    [Fact]
    public void A_backend_that_gets_two_turns_more_is_found() => Assert.Equal([1], Turns("x", "y", "z", "x", "x").Broken());

    [Fact]
    public void A_turn_whose_client_left_before_its_answer_may_have_been_anybodys() =>
        Assert.Empty(Turns("x", "y", "z", "x", "x").Fail(6.5, "a", null, AttemptEnd.Abandoned).Broken());

    [Fact]
    public void A_backend_that_is_left_out_is_found() => Assert.Equal([1], Turns("x", "y", "x", "y").Broken());

    [Fact]
    public void Each_node_takes_its_own_turns_and_together_they_differ_by_as_many() =>
        Assert.Empty(new WrittenHistory().Crawl(2, "a", "x").Crawl(3, "b", "x").Crawl(4, "c", "x").Broken());

    [Fact]
    public void Turns_during_a_fault_are_not_compared() =>
        Assert.Empty(new WrittenHistory().Fault(FaultKind.KillBackend, 0.5, 98, "z").Crawl(2, "a", "x").Crawl(3, "a", "y").Crawl(4, "a", "x").Crawl(5, "a", "y").Broken());

    [Theory]
    [InlineData(FaultKind.Disconnect, 13.1, 0)]
    [InlineData(FaultKind.Disconnect, 13.3, 1)]
    [InlineData(FaultKind.PauseNode, 11.3, 1)]
    public void Connections_that_a_node_kept_without_a_network_may_cost_turns_until_they_were_idle_too_long(FaultKind kind, double at, int violations) => Assert.Equal(
        violations,
        new WrittenHistory().Fault(kind, 1, 8).Crawl(at, "a", "x").Crawl(at + 0.1, "a", "y").Crawl(at + 0.2, "a", "x").Crawl(at + 0.3, "a", "y").Broken().Length);

    [Fact]
    public void A_node_may_remember_the_sessions_that_came_back_and_no_more()
    {
        WrittenHistory history = new WrittenHistory().Crawl(2, "a", "x").Crawl(3, "b", "y").Visit(4, "a", "s", "x");
        Assert.Empty(history.Report(3.9, "a", 0).Report(5, "a", 1).Broken());
        Assert.Equal([8], history.Report(6, "b", 2).Broken());
    }

    [Fact]
    public void A_session_whose_client_left_before_its_answer_may_be_remembered_and_is_no_failure()
    {
        WrittenHistory history = new WrittenHistory().Fail(4, "a", "s", AttemptEnd.Abandoned);
        Assert.Empty(history.Report(5, "a", 1).Broken());
        Assert.Equal([8], history.Report(6, "a", 2).Broken());
    }

    [Fact]
    public void A_forged_cookie_gets_a_session_of_its_own()
    {
        Assert.Empty(new WrittenHistory().Add(Forged).Broken());
        Assert.Equal([9], new WrittenHistory().Add(Forged with { SessionGiven = null }).Broken());
        Assert.Equal([9], new WrittenHistory().Add(Forged with { Status = 400, Backend = null }).Broken());
    }

    [Fact]
    public void A_header_that_shows_a_backend_is_found() => Assert.Equal([9], new WrittenHistory().Add(Forged with { Leak = "Server: x" }).Broken());

    [Fact]
    public void The_answer_to_another_request_is_found() => Assert.Equal([9], new WrittenHistory().Add(Forged with { Foreign = true }).Broken());

    [Fact]
    public void The_checker_says_how_much_it_looked_at()
    {
        Verdict verdict = new WrittenHistory().Visit(1, "a", "s", "x").Visit(2, "b", "s", "x").Judge();

        Assert.Equal(HistoryChecker.Invariants.Count, verdict.Checked.Count);
        Assert.Equal(2, verdict.Checked["2 sticky"]);
        Assert.Equal(0, verdict.Checked["6 partition"]);
    }

    [Fact]
    public void Violations_without_end_are_cut_off() => Assert.Equal(
        HistoryChecker.ViolationsPerInvariantMax,
        Enumerable.Range(1, HistoryChecker.ViolationsPerInvariantMax + 1).Aggregate(new WrittenHistory(), (h, i) => h.Fail(i, "a", $"s{i}")).Judge().Violations.Length);

    [Fact]
    public void The_report_names_the_fault_the_session_and_the_requests_of_a_violation()
    {
        RunHistory history = new WrittenHistory().Fault(FaultKind.KillBackend, 1.5, 5, "z").Visit(1, "a", "s", "x").Visit(2, "b", "s", "y").ToHistory();
        RunReport report = RunReport.Of(history);
        using var printed = new StringWriter();
        report.Print(printed);

        Assert.False(report.Held);
        foreach (string expected in (string[])["VIOLATED 2 sticky at 2.00", "session s", "kill-backend", "from x", "from y", "NOT HELD"])
        {
            Assert.Contains(expected, printed.ToString(), StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Figures_count_moves_and_times_of_each_kind()
    {
        RunHistory history = new WrittenHistory()
            .Fault(new FaultSpan { Number = 0, Kind = FaultKind.KillBackend, Detail = "", At = 2, HealedAt = 6, MarkedDownAt = 2.75, OneClusterAt = 6, EqualAt = 7.5, WholeAt = 8, Backends = ["x"] })
            .Visit(1, "a", "s", "x").Visit(3, "a", "s", "y").Visit(1, "b", "t", "z").Visit(3.5, "b", "t", "z", took: 0.25)
            .ToHistory();

        FaultFigures figures = Assert.Single(FaultFigures.Of(history));
        Assert.Equal((2, 0, 1, 0), (figures.Requests, figures.Failed, figures.Moved, figures.OtherSide));
        Assert.Equal(0.75, figures.MarkedDownAfter!.Value, 6);
        Assert.Equal(1.5, figures.EqualAfter!.Value, 6);
        Assert.Equal(0.25, figures.WorstAnswerElsewhere!.Value, 6);
        Assert.Null(figures.ShareAfter);
    }

    private static WrittenHistory Turns(params string[] backends) =>
        backends.Select((backend, i) => (backend, i)).Aggregate(new WrittenHistory(), (h, turn) => h.Crawl(3 + turn.i, "a", turn.backend));
}

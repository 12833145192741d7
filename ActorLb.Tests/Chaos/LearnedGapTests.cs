using ActorLb.Chaos.Checking;
using ActorLb.Chaos.History;
using Xunit;

namespace ActorLb.Tests.Chaos;

/// <summary>When nodes may not know a session that they had to learn, and that it is like any other else.</summary>
public sealed class LearnedGapTests
{
    [Fact]
    public void A_learned_session_stays_as_any_other() =>
        Assert.Equal([2], new WrittenHistory().Add(Begun(1)).Add(Asked(2, "y")).Add(Asked(3, "y")).Broken());

    [Fact]
    public void A_login_is_no_new_session() =>
        Assert.Empty(new WrittenHistory().Add(Begun(1)).Add(Asked(2, "x")).Add(LoggedIn(3)).Add(Asked(4, "x")).Broken());

    [Fact]
    public void What_came_back_just_before_all_nodes_died_is_forgotten_until_it_is_learned_again()
    {
        Assert.Empty(Killed(19).Add(Asked(30, "y")).Add(Asked(31, "z")).Add(LoggedIn(32)).Add(Asked(33, "y")).Add(Asked(34, "y")).Broken());
        Assert.Contains(2, Killed(19).Add(Asked(30, "y")).Add(LoggedIn(32)).Add(Asked(33, "y")).Add(Asked(34, "x")).Broken());
    }

    [Fact]
    public void What_came_back_long_before_is_on_a_disk() => Assert.Contains(2, Killed(17).Add(Asked(30, "y")).Broken());

    [Fact]
    public void One_node_that_dies_forgets_nothing() =>
        Assert.Contains(2, new WrittenHistory().Away(FaultKind.KillNode, 20, 22, "a").Add(Begun(18.9)).Add(Asked(19, "x")).Add(Asked(30, "y")).Broken());

    [Fact]
    public void A_session_with_a_ticket_is_forgotten_by_nobody() => Assert.Contains(2, new WrittenHistory()
        .Away(FaultKind.KillAllNodes, 20, 22, "a").Add(Begun(18.9) with { Pool = "web" }).Add(Asked(19, "x") with { Pool = "web" }).Add(Asked(30, "y") with { Pool = "web" }).Broken());

    [Fact]
    public void What_is_learned_on_one_side_of_a_cut_may_be_unknown_on_the_other_until_they_met()
    {
        WrittenHistory Cut(double learned) => new WrittenHistory().Fault(FaultKind.CutSides, 20, 25).Add(Begun(learned)).Add(Asked(learned + 0.2, "x"));

        Assert.Empty(Cut(22).Add(Asked(23, "y")).Add(Asked(24, "x")).Add(Asked(40, "x")).Broken());
        Assert.Contains(2, Cut(22).Add(Asked(40, "x")).Add(Asked(41, "y")).Broken());
        Assert.Contains(2, Cut(18).Add(Asked(23, "y")).Broken());
    }

    [Fact]
    public void A_login_that_the_old_server_answers_just_after_a_move_takes_the_session_back()
    {
        Assert.Empty(Moved(23).Add(LoggedIn(23.2)).Add(Asked(24, "x")).Add(Asked(25, "x")).Broken());
        Assert.Contains(3, Moved(23).Add(LoggedIn(23.7)).Add(Asked(24, "x")).Broken());
        Assert.Contains(3, Moved(23).Add(Asked(24, "x")).Broken());
    }

    [Fact]
    public void A_login_of_a_session_whose_server_was_well_takes_it_nowhere() =>
        Assert.Contains(2, new WrittenHistory().Add(Begun(1)).Add(Asked(2, "y")).Add(LoggedIn(2.2)).Add(Asked(3, "x")).Broken());

    [Fact]
    public void Nodes_that_all_started_anew_are_not_one_cluster_at_once_and_may_not_know_what_one_of_them_learns()
    {
        WrittenHistory Stopped() => new WrittenHistory().Away(FaultKind.StopAll, 20, 22, "a", gracefully: true).Add(Begun(22.5)).Add(Asked(23, "x"));

        Assert.Empty(Stopped().Add(Asked(24, "y")).Add(Asked(25, "x")).Broken());
        Assert.Contains(2, Stopped().Add(Asked(40, "x")).Add(Asked(41, "y")).Broken());
    }

    [Fact]
    public void Where_nobody_knows_a_session_its_request_may_be_at_the_backend_that_dies()
    {
        WrittenHistory Cut(double learned) => new WrittenHistory()
            .Fault(FaultKind.CutOneWay, 20, 40).Fault(FaultKind.KillBackend, 25, 30, "y").Add(Begun(learned)).Add(Asked(learned + 0.2, "x"))
            .Add(Asked(25, "x") with { Method = "POST", Status = 502, Backend = null });

        Assert.Empty(Cut(22).Broken());
        Assert.NotEmpty(Cut(10).Broken());
    }

    [Fact]
    public void What_a_client_gave_up_may_have_moved_its_session_when_a_frozen_node_went_on()
    {
        WrittenHistory Frozen() => new WrittenHistory().Away(FaultKind.PauseNode, 20, 30, "a").Fault(FaultKind.KillBackend, 28, 31, "x")
            .Add(Begun(1) with { Pool = "web" }).Add(Asked(19, "x") with { Pool = "web" });
        Attempt gaveUp = Asked(21, "x") with { Pool = "web", End = AttemptEnd.TimedOut, Ended = 26, Status = 0, Backend = null };

        Assert.Empty(Frozen().Add(gaveUp).Add(Asked(40, "y") with { Pool = "web", Node = "b" }).Broken());
        Assert.Contains(2, Frozen().Add(Asked(40, "y") with { Pool = "web", Node = "b" }).Broken());
    }

    [Fact]
    public void What_a_client_gave_up_during_a_fault_may_have_moved_its_session()
    {
        WrittenHistory Lost() => new WrittenHistory().Fault(FaultKind.LoseBackend, 20, 27, "x").Add(Asked(19, "x") with { Pool = "web" });
        Attempt gaveUp = Asked(21, "x") with { Pool = "web", End = AttemptEnd.TimedOut, Ended = 26, Status = 0, Backend = null };

        Assert.Empty(Lost().Add(gaveUp).Add(Asked(40, "y") with { Pool = "web" }).Broken());
        Assert.Contains(2, Lost().Add(Asked(40, "y") with { Pool = "web" }).Broken());
    }

    [Fact]
    public void Where_the_addresses_of_servers_change_places_sessions_may_be_found_elsewhere_by_whoever_comes_later()
    {
        WrittenHistory Stopped(params string[] servers) => new WrittenHistory().Fault(FaultKind.StopAll, 20, 27, servers).Add(Asked(19, "x") with { Pool = "web" });

        Assert.Empty(Stopped("x", "y").Add(Asked(40, "y") with { Pool = "web" }).Broken());
        Assert.Contains(2, Stopped().Add(Asked(40, "y") with { Pool = "web" }).Broken());
    }

    [Fact]
    public void Whom_nobody_knows_must_be_answered_all_the_same() =>
        Assert.Contains(5, Killed(19).Add(Asked(30, "y") with { Status = 502, Backend = null }).Broken());

    // The session came back at that second, all nodes died at the twentieth.
    private static WrittenHistory Killed(double cameBack) => new WrittenHistory().Away(FaultKind.KillAllNodes, 20, 22, "a").Add(Begun(cameBack - 0.2)).Add(Asked(cameBack, "x"));

    // One node did not reach x from the twentieth second on, and moved the session at this one.
    private static WrittenHistory Moved(double at) => new WrittenHistory().Fault(FaultKind.CutBackend, 20, 30, "x").Add(Begun(1)).Add(Asked(2, "x")).Add(Asked(at, "y"));

    private static Attempt Begun(double at) => Asked(at, "x") with { SessionSent = null, SessionGiven = "s" };

    private static Attempt LoggedIn(double at) => Asked(at, "x") with { Use = RequestUse.Login, Method = "POST", Status = 303, Backend = null, SessionGiven = "s" };

    private static Attempt Asked(double at, string backend) => new()
    {
        Number = 0, Client = ClientKind.Browser, Browser = 1, Pool = LearnedGaps.LearnedPool, Node = "a", Sent = at, Ended = at + 0.1, End = AttemptEnd.Answered, Status = 200, SessionSent = "s", Backend = backend,
    };
}

using ActorLb.Engine;
using ActorLb.Node.Health;
using ActorLb.Shared.Backends;
using ActorLb.Shared.Messages;
using CsCheck;
using Xunit;

namespace ActorLb.Tests.Health;

public sealed class HealthBoardStateTests
{
    private static readonly BackendName Web = new("web", "a");

    [Fact]
    public void The_majority_of_those_with_a_verdict_decides_and_a_tie_changes_nothing() =>
        Gen.Bool.Array[0, 9].Select(Gen.Enum<BackendHealth>()).Sample((opinions, before) =>
        {
            HealthBoardState board = Members(Known(before), opinions.Length);
            for (int i = 0; i < opinions.Length; i++)
            {
                board = board.WithReport(Says($"node-{i}", opinions[i], at: 1), At(1));
            }

            int healthy = opinions.Count(o => o);
            int sick = opinions.Length - healthy;

            // Opinions come one by one, so an earlier majority may already have changed what a tie keeps.
            if (healthy != sick)
            {
                Assert.Equal(healthy > sick ? BackendHealth.Up : BackendHealth.Down, board.Backends[Web].Health);
            }
            else if (opinions.Length == 0)
            {
                Assert.Equal(before, board.Backends[Web].Health);
            }
        });

    [Theory]
    [InlineData(BackendHealth.Up)]
    [InlineData(BackendHealth.Down)]
    public void Two_observers_that_disagree_leave_things_as_they_are(BackendHealth before)
    {
        bool healthy = before == BackendHealth.Up;
        HealthBoardState board = Members(Known(BackendHealth.Unknown), 2)
            .WithReport(Says("node-0", healthy, at: 1), At(1))
            .WithReport(Says("node-1", healthy, at: 1), At(1))
            .WithReport(Says("node-1", !healthy, at: 2), At(2));
        Assert.Equal(before, board.Backends[Web].Health);
    }

    [Fact]
    public void One_node_that_cannot_reach_it_does_not_pull_it_for_the_others()
    {
        HealthBoardState board = Three(true, true, true);
        board = board.WithOwn(Verdict("me", false, at: 2), At(2));
        Assert.Equal(BackendHealth.Up, board.Backends[Web].Health);
        board = board.WithReport(Says("node-1", false, at: 3), At(3));
        Assert.Equal(BackendHealth.Down, board.Backends[Web].Health);
        Assert.Equal(At(3).Now, board.Backends[Web].Since);
    }

    [Fact]
    public void Verdicts_of_a_node_that_left_or_cannot_be_reached_are_dropped()
    {
        HealthBoardState board = Three(false, true, true);
        MembershipChanged alone = new("me", [Member("me"), Member("node-1") with { Reachable = false }]);
        board = board.WithMembers(alone, At(2));
        Assert.Equal(BackendHealth.Down, board.Backends[Web].Health);
        Assert.Equal(["me"], board.VerdictsOn(Web).Select(v => v.Node));
    }

    [Fact]
    public void A_joiner_is_heard_at_once_and_counts_once_it_is_up()
    {
        HealthBoardState board = Known(BackendHealth.Up)
            .WithReport(Says("node-1", false, at: 1), At(1))
            .WithMembers(new("me", [Member("me"), Member("node-1") with { Status = "joining" }]), At(1));
        Assert.Equal(BackendHealth.Up, board.Backends[Web].Health);
        board = board.WithMembers(new("me", [Member("me"), Member("node-1")]), At(2));
        Assert.Equal(BackendHealth.Down, board.Backends[Web].Health);
    }

    [Theory]
    [InlineData(6.999, BackendHealth.Down)]
    [InlineData(7, BackendHealth.Down)]
    [InlineData(7.001, BackendHealth.Up)]
    public void A_verdict_is_stale_after_three_intervals_and_a_timeout(double seconds, BackendHealth expected)
    {
        HealthBoardState board = Members(Known(BackendHealth.Up), 2)
            .WithReport(Says("node-0", false, at: 0), At(0))
            .WithReport(Says("node-1", false, at: 0), At(0));
        board = board.WithOwn(Verdict("me", true, at: seconds), At(seconds));
        Assert.Equal(expected, board.Backends[Web].Health);
    }

    [Fact]
    public void A_report_that_repeats_an_old_verdict_does_not_make_it_fresh()
    {
        HealthBoardState board = Members(Known(BackendHealth.Unknown), 1);
        for (int second = 0; second <= 8; second++)
        {
            board = board.WithReport(Says("node-0", false, at: 0), At(second));
        }

        Assert.Equal(BackendHealth.Up, board.WithOwn(Verdict("me", true, at: 8), At(8)).Backends[Web].Health);
    }

    [Fact]
    public void Senders_clocks_do_not_matter()
    {
        HealthBoardState board = Members(Known(BackendHealth.Unknown), 1)
            .WithReport(Says("node-0", true, at: -100_000), At(0))
            .WithReport(Says("node-0", false, at: -200_000), At(1));
        Assert.Equal(BackendHealth.Down, board.Backends[Web].Health);
    }

    [Fact]
    public void What_a_node_no_longer_reports_is_withdrawn()
    {
        HealthBoardState board = Three(true, true, false).WithReport(new VerdictsReported("node-1", []), At(2));
        Assert.Equal(["me", "node-0"], board.VerdictsOn(Web).Select(v => v.Node));
        board = board.WithObserved([], At(3));
        Assert.Equal(["node-0"], board.VerdictsOn(Web).Select(v => v.Node));
        Assert.Empty(board.Own);
    }

    [Fact]
    public void Reports_on_unknown_backends_or_in_anothers_name_cost_nothing()
    {
        HealthBoardState board = Members(Known(BackendHealth.Up), 2);
        var foreign = new Verdict(new BackendName("web", "gone"), "node-0", false, "503", default);
        HealthBoardState after = board.WithReport(new VerdictsReported("node-0", [foreign, Verdict("node-1", false, at: 1)]), At(1));
        Assert.Empty(after.VerdictsOn(Web));
        Assert.Equal(board.Backends.Keys, after.Backends.Keys);
        Assert.Empty(after.VerdictsOn(foreign.Backend));
    }

    [Fact]
    public void A_circuit_closes_only_by_a_majority_of_newer_probes_that_passed()
    {
        HealthBoardState board = Three(true, true, true, at: 1);
        TimeSpan opened = At(2).Steady;
        Assert.False(Refutes(board, opened, 3));
        board = board.WithReport(Says("node-0", true, at: 3), At(3));
        Assert.False(Refutes(board, opened, 3));
        board = board.WithReport(Says("node-1", true, at: 3), At(3));
        Assert.False(Refutes(board, opened, 3));
        board = board.WithOwn(Verdict("me", true, at: 3), At(3));
        Assert.True(Refutes(board, opened, 3));
    }

    [Fact]
    public void A_circuit_stays_open_while_this_nodes_own_probe_fails()
    {
        HealthBoardState board = Three(false, true, true, at: 3);
        Assert.Equal(BackendHealth.Up, board.Backends[Web].Health);
        Assert.False(Refutes(board, At(2).Steady, 3));
    }

    [Fact]
    public void A_probe_that_failed_does_not_close_a_circuit_while_fall_is_still_being_counted()
    {
        HealthBoardState board = Known(BackendHealth.Up).WithOwn(Verdict("me", true, at: 3) with { Passed = false }, At(3));
        Assert.False(Refutes(board, At(2).Steady, 3));
        Assert.True(Refutes(board.WithOwn(Verdict("me", true, at: 4), At(4)), At(2).Steady, 4));
    }

    [Fact]
    public void With_one_other_observer_that_disagrees_the_own_probe_decides()
    {
        HealthBoardState board = Members(Known(BackendHealth.Up), 1)
            .WithOwn(Verdict("me", true, at: 3), At(3))
            .WithReport(Says("node-0", false, at: 3), At(3));
        Assert.True(Refutes(board, At(2).Steady, 3));
    }

    [Fact]
    public void A_node_that_does_not_observe_the_backend_believes_the_others()
    {
        HealthBoardState board = Members(Known(BackendHealth.Up), 3)
            .WithReport(Says("node-0", true, at: 3), At(3))
            .WithReport(Says("node-1", true, at: 3), At(3))
            .WithReport(Says("node-2", false, at: 3), At(3));
        Assert.True(Refutes(board, At(2).Steady, 3));
    }

    [Fact]
    public void When_the_first_of_a_pool_that_was_all_down_comes_up_the_others_are_unknown_until_they_are_probed_again()
    {
        HealthBoardState board = Dark("a", "b", "c").WithOwn(Of("b", true, true, at: 5), At(5));
        Assert.Equal("Unknown Up Unknown", Healths(board));

        board = board.WithOwn(Of("a", false, true, at: 6), At(6));
        board = board.WithOwn(Of("c", false, false, at: 6), At(6));
        Assert.Equal("Unknown Up Unknown", Healths(board));
        board = board.WithOwn(Of("c", false, false, at: 6.001), At(6.001));
        Assert.Equal("Unknown Up Down", Healths(board));
        board = board.WithOwn(Of("a", true, true, at: 7), At(7));
        Assert.Equal("Up Up Down", Healths(board));
        Assert.Empty(board.DarkBefore);
    }

    [Fact]
    public void A_backend_that_fails_while_others_are_up_is_down_and_stays_so_when_another_comes_up()
    {
        HealthBoardState board = Dark("a", "b", "c")
            .WithOwn(Of("a", true, true, at: 5), At(5)).WithOwn(Of("b", false, false, at: 6.5), At(6.5)).WithOwn(Of("c", false, false, at: 6.5), At(6.5))
            .WithOwn(Of("b", true, true, at: 8), At(8));
        Assert.Equal("Up Up Down", Healths(board));
    }

    [Fact]
    public void A_circuit_that_opened_in_the_dark_closes_with_the_first_light_and_a_later_one_does_not()
    {
        HealthBoardState board = Dark("a", "b").WithOwn(Of("b", true, true, at: 5), At(5));
        Assert.True(board.Refutes(new BackendName("web", "a"), At(4).Steady, At(5).Steady));
        Assert.False(board.Refutes(new BackendName("web", "a"), At(5.001).Steady, At(5.001).Steady));
    }

    [Fact]
    public void A_pool_of_one_goes_from_down_to_up() =>
        Assert.Equal(BackendHealth.Up, Known(BackendHealth.Down).WithOwn(Verdict("me", true, at: 5), At(5)).Backends[Web].Health);

    [Fact]
    public void A_side_that_has_lost_the_others_pulls_nobody_until_one_of_its_probes_has_passed()
    {
        HealthBoardState board = Lost(Light("a", "b", "c").WithOwn(Of("b", false, false, at: 3), At(3)), at: 4);
        Assert.Equal("Up Up Up", Healths(board));
        Assert.NotNull(board.InDoubtSince);

        // What was said in the doubt does not count behind it, and what is said anew does.
        board = board.WithOwn(Of("c", false, false, at: 4.5), At(4.5)).WithOwn(Of("a", true, true, at: 5), At(5));
        Assert.Equal("Up Up Up", Healths(board));
        Assert.Null(board.InDoubtSince);
        board = board.WithOwn(Of("b", true, true, at: 6), At(6)).WithOwn(Of("c", false, false, at: 6.1), At(6.1));
        Assert.Equal("Up Up Down", Healths(board));
        Assert.Null(board.DoubtBefore);
    }

    [Fact]
    public void Who_was_down_long_before_nodes_were_lost_stays_down()
    {
        HealthBoardState board = Light("a", "b", "c").WithReport(new VerdictsReported("node-0", []), At(2)).WithReport(new VerdictsReported("node-1", []), At(2));
        for (double at = 2; at < 12; at += 2)
        {
            board = board.WithOwn(Of("a", false, false, at), At(at)).WithOwn(Of("b", true, true, at), At(at)).WithOwn(Of("c", true, true, at), At(at));
        }

        Assert.Equal("Down Up Up", Healths(board));
        DateTimeOffset since = board.Backends[Web].Since;
        board = Lost(board, at: 12).WithOwn(Of("b", true, true, at: 13), At(13));
        Assert.Equal("Down Up Up", Healths(board));
        Assert.Equal(since, board.Backends[Web].Since);

        // And comes up as any other.
        board = board.WithOwn(Of("a", true, true, at: 14), At(14));
        Assert.Equal("Up Up Up", Healths(board));
    }

    [Theory]
    [InlineData(true, "Down Up Up")]
    [InlineData(false, "Unknown Up Up")]
    public void Who_went_down_just_before_by_the_word_of_the_lost_too_stays_down(bool lostSaidSo, string expected)
    {
        HealthBoardState board = Light("a", "b", "c");
        VerdictsReported others = new("node-0", [Of("b", true, true, at: 3) with { Node = "node-0" }]);
        board = board.WithOwn(Of("a", false, false, at: 3), At(3)).WithReport(new VerdictsReported("node-1", []), At(3))
            .WithReport(lostSaidSo ? others with { Verdicts = [.. others.Verdicts, Of("a", false, false, at: 3) with { Node = "node-0" }] } : others, At(3));
        Assert.Equal("Down Up Up", Healths(board));
        board = Lost(board, at: 4).WithOwn(Of("b", true, true, at: 5), At(5));
        Assert.Equal(expected, Healths(board));
    }

    [Fact]
    public void A_node_that_is_lost_while_a_pool_is_dark_does_not_take_away_what_protects_it()
    {
        HealthBoardState board = Light("a", "b", "c");
        foreach (string node in new[] { "node-0", "node-1" })
        {
            board = board.WithReport(new VerdictsReported(node, [.. new[] { "a", "b", "c" }.Select(id => Of(id, false, false, at: 10) with { Node = node })]), At(10));
        }

        Assert.Equal("Down Down Down", Healths(board));
        board = Lost(board, at: 20.3);
        Assert.Equal("Unknown Up Unknown", Healths(board.WithOwn(Of("b", true, true, at: 20.8), At(20.8))));
    }

    [Fact]
    public void Where_only_the_lost_observed_it_who_was_down_stays_down_however_old_their_word_is()
    {
        HealthBoardState board = Light("a", "b").WithReport(new VerdictsReported("node-0", [Of("a", false, false, at: 3) with { Node = "node-0" }]), At(3))
            .WithReport(new VerdictsReported("node-1", []), At(3)).WithOwn(Of("b", true, true, at: 3), At(3)).WithObserved([new("web", "b")], At(3));
        Assert.Equal("Down Up", Healths(board));
        board = Lost(board, at: 30).WithOwn(Of("b", true, true, at: 31), At(31));
        Assert.Equal("Down Up", Healths(board));
    }

    [Fact]
    public void Who_was_down_long_before_its_pool_was_dark_stays_down_when_the_first_comes_up()
    {
        HealthBoardState board = Dark("a", "b", "c").WithOwn(Of("b", true, true, at: 1), At(1)).WithOwn(Of("c", true, true, at: 1), At(1));
        for (double at = 2; at < 20; at += 2)
        {
            board = board.WithOwn(Of("a", false, false, at), At(at)).WithOwn(Of("b", true, true, at), At(at)).WithOwn(Of("c", true, true, at), At(at));
        }

        board = board.WithOwn(Of("b", false, false, at: 20), At(20)).WithOwn(Of("c", false, false, at: 21), At(21)).WithOwn(Of("a", false, false, at: 21), At(21));
        Assert.Equal("Down Down Down", Healths(board));
        Assert.Equal("Down Unknown Up", Healths(board.WithOwn(Of("c", true, true, at: 22), At(22))));
    }

    [Fact]
    public void Where_all_probes_of_that_side_fail_all_go_down_at_once()
    {
        HealthBoardState board = Lost(Light("a", "b", "c").WithOwn(Of("b", false, false, at: 3), At(3)), at: 4);
        board = board.WithOwn(Of("c", false, false, at: 4.5), At(4.5));
        Assert.Equal("Up Up Up", Healths(board));
        board = board.WithOwn(Of("a", false, false, at: 5), At(5));
        Assert.Equal("Down Down Down", Healths(board));

        board = board.WithOwn(Of("c", true, true, at: 6), At(6));
        Assert.Equal("Unknown Unknown Up", Healths(board));
    }

    [Fact]
    public void A_node_that_leaves_in_good_order_raises_no_doubt()
    {
        HealthBoardState board = Light("a", "b").WithMembers(new("me", [Member("me"), Member("node-0") with { Status = "leaving" }]), At(2));
        Assert.Null(board.InDoubtSince);
        Assert.Equal("Up Down", Healths(board.WithOwn(Of("b", false, false, at: 3), At(3))));
    }

    [Fact]
    public void A_doubt_that_nothing_ends_is_over_after_fifteen_seconds()
    {
        HealthBoardState board = Lost(Light("a", "b"), at: 2);
        for (double at = 3; at < 17; at++)
        {
            board = board.WithOwn(Of("a", true, false, at), At(at)).WithOwn(Of("b", false, false, at), At(at));
            Assert.Equal("Up Up", Healths(board));
        }

        board = board.WithOwn(Of("b", false, false, at: 17.1), At(17.1));
        Assert.Equal("Up Down", Healths(board));
    }

    /// <summary>Two others are up, and this node has seen all backends well.</summary>
    private static HealthBoardState Light(params string[] ids)
    {
        var plane = new DataPlane(Pools.Node("me", "unused", Pools.Web(ids)), new ManualTime());
        HealthBoardState board = Members(HealthBoardState.Start(plane.Settings.Name, plane.Routing), 2);
        foreach (string node in new[] { "node-0", "node-1" })
        {
            board = board.WithReport(new VerdictsReported(node, [.. ids.Select(id => Of(id, true, true, at: 1) with { Node = node })]), At(1));
        }

        return ids.Aggregate(board, (b, id) => b.WithOwn(Of(id, true, true, at: 1), At(1)));
    }

    private static HealthBoardState Lost(HealthBoardState board, double at) => board.WithMembers(
        new("me", [Member("me"), Member("node-0") with { Reachable = false }, Member("node-1") with { Reachable = false }]), At(at));

    private static HealthBoardState Dark(params string[] ids)
    {
        var plane = new DataPlane(Pools.Node("me", "unused", Pools.Web(ids)), new ManualTime());
        return ids.Aggregate(HealthBoardState.Start(plane.Settings.Name, plane.Routing), (board, id) => board.WithOwn(Of(id, false, false, at: 0), At(0)));
    }

    private static Verdict Of(string id, bool healthy, bool passed, double at) =>
        new(new BackendName("web", id), "me", healthy, "", At(at).Now) { Passed = passed };

    private static string Healths(HealthBoardState board) =>
        string.Join(' ', board.Backends.OrderBy(b => b.Key.Id, StringComparer.Ordinal).Select(b => b.Value.Health));

    private static bool Refutes(HealthBoardState board, TimeSpan opened, double now) => board.Refutes(Web, opened, At(now).Steady);

    private static HealthBoardState Three(bool me, bool first, bool second, double at = 1) => Members(Known(BackendHealth.Unknown), 2)
        .WithOwn(Verdict("me", me, at), At(at))
        .WithReport(Says("node-0", first, at), At(at))
        .WithReport(Says("node-1", second, at), At(at));

    /// <summary>This node, "me", knows the backend as up, down or unknown; interval 2 s, timeout 1 s.</summary>
    private static HealthBoardState Known(BackendHealth health)
    {
        var plane = new DataPlane(Pools.Node("me", "unused", Pools.Web("a")), new ManualTime());
        HealthBoardState board = HealthBoardState.Start(plane.Settings.Name, plane.Routing);
        return health == BackendHealth.Unknown
            ? board
            : board.WithOwn(Verdict("me", health == BackendHealth.Up, at: 0), At(0)).WithObserved([], At(0));
    }

    private static HealthBoardState Members(HealthBoardState board, int others) => board.WithMembers(
        new("me", [Member("me"), .. Enumerable.Range(0, others).Select(i => Member($"node-{i}"))]), At(0));

    private static NodeMember Member(string name) => new(name, $"akka.tcp://actorlb@{name}:1", "up", Reachable: true);

    private static VerdictsReported Says(string node, bool healthy, double at) => new(node, [Verdict(node, healthy, at)]);

    private static Verdict Verdict(string node, bool healthy, double at) => new(Web, node, healthy, healthy ? "200" : "503", At(at).Now);

    private static Moment At(double seconds) =>
        new(new DateTimeOffset(2030, 1, 1, 0, 0, 0, TimeSpan.Zero).AddSeconds(seconds), TimeSpan.FromSeconds(1000 + seconds));
}

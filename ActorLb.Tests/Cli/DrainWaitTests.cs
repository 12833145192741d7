using System.Text.Json;
using ActorLb.Engine.Routing;
using ActorLb.Node.Admin;
using ActorLb.Node.Cli;
using ActorLb.Node.Overlays;
using ActorLb.Shared.Backends;
using ActorLb.Shared.Messages;
using ActorLb.Shared.Sessions;
using ActorLb.Tests.Admin;
using ActorLb.Tests.Cluster;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace ActorLb.Tests.Cli;

/// <summary><c>drain --wait</c> and several <c>--admin</c> addresses.</summary>
public sealed class DrainWaitTests
{
    private static readonly BackendName A = new("web", "a");

    [Fact]
    public async Task It_ends_with_0_when_the_server_can_be_stopped()
    {
        await using AdminFixture node = await DrainingAsync();
        node.View.Elsewhere = (3, 2);
        var run = new CommandRun();
        Task<int> waiting = run.RunAsync("drain", "web/a", "--move", "--rate", "200", "--wait", "--admin", node.Url.ToString());
        await Until.Holds(() => run.Out.Contains("0 sessions, 1 request, 2 tunnels left", StringComparison.Ordinal));
        Assert.False(waiting.IsCompleted);

        node.View.Elsewhere = default;

        Assert.Equal(ExitCode.Good, await waiting);
        Assert.Equal(new SetBackendState(A, OperatorState.Draining, null) { Move = true, Rate = 200 }, Assert.Single(node.Desk.Taken));
        Assert.StartsWith($"web/a is draining; its sessions move, 200 a second{Environment.NewLine}", run.Out, StringComparison.Ordinal);
        Assert.EndsWith($"web/a can be stopped now{Environment.NewLine}", run.Out, StringComparison.Ordinal);
        Assert.DoesNotContain("\u001b", run.Out, StringComparison.Ordinal);
        Assert.DoesNotContain("\r", run.Out.Replace("\r\n", "\n", StringComparison.Ordinal), StringComparison.Ordinal);
        Assert.Empty(run.Error);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task On_a_terminal_one_line_is_drawn_again_and_never_wider_than_it_is(bool inColour)
    {
        await using AdminFixture node = await DrainingAsync();
        node.View.Elsewhere = (300_000, 20);
        var run = new CommandRun { Terminal = new TerminalShape(60, inColour) { IsInteractive = true } };
        Task<int> waiting = run.RunAsync("drain", "web/a", "--wait", "--admin", node.Url.ToString());
        await Until.Holds(() => run.Out.Contains('\r'));
        node.View.Elsewhere = (100, 20);
        await Until.Holds(() => run.Out.Contains("80 req", StringComparison.Ordinal));
        node.View.Elsewhere = default;

        Assert.Equal(ExitCode.Good, await waiting);
        Assert.Equal(inColour, run.Out.Contains("\u001b[32m", StringComparison.Ordinal));
        foreach (string drawn in run.Out.Replace("\u001b[32m", "", StringComparison.Ordinal).Replace("\u001b[0m", "", StringComparison.Ordinal).Split('\r', '\n'))
        {
            Assert.InRange(drawn.Length, 0, 59);
        }
    }

    [Fact]
    public async Task It_goes_on_at_a_node_of_which_the_cluster_told_when_its_own_dies()
    {
        AdminFixture first = await DrainingAsync();
        await using AdminFixture second = await DrainingAsync();
        first.View.Elsewhere = (3, 2);
        first.Meet(second.Url);
        using var client = new AdminClient(first.Url, null, TimeProvider.System);
        var run = new CommandRun();
        Task<int> waiting = new DrainWait(run.Context, client, A, json: false).RunAsync(CancellationToken.None);
        await Eventually.Holds(() => client.Nodes.All.Count == 2, "it is not told of the other");
        await first.DisposeAsync();

        Assert.Equal(ExitCode.Good, await waiting.WaitAsync(TimeSpan.FromSeconds(60)));
        Assert.EndsWith($"web/a can be stopped now{Environment.NewLine}", run.Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Whoever_only_waits_for_a_drain_changes_nothing_of_it()
    {
        await using AdminFixture node = await DrainingAsync();
        var run = new CommandRun();
        Assert.Equal(ExitCode.Good, await run.RunAsync("drain", "web/a", "--wait", "--admin", node.Url.ToString()));
        Assert.Empty(node.Desk.Taken);
    }

    [Fact]
    public async Task It_waits_for_one_that_leaves_without_a_drain_and_for_one_that_has_left_by_a_removal()
    {
        await using AdminFixture node = await DrainingAsync();
        node.Publish(id => new BackendCondition(BackendHealth.Up, default, id == "a" ? OperatorState.Draining : OperatorState.Ready, null, false, 1));
        var run = new CommandRun();
        Assert.Equal(ExitCode.Good, await run.RunAsync("drain", "web/a", "--wait", "--admin", node.Url.ToString()));
        Assert.EndsWith($"web/a can be stopped now{Environment.NewLine}", run.Out, StringComparison.Ordinal);

        node.View.Overlays = [new(new BackendName("web", "x"), OverlayKind.Removed, null, null, null, null, null, null, "node-1", FakeDesk.Now, 1)];
        run = new CommandRun();
        Assert.Equal(ExitCode.Good, await run.RunAsync("drain", "web/x", "--wait", "--admin", node.Url.ToString()));
        Assert.Equal($"web/x is no backend any more, and can be stopped now{Environment.NewLine}", run.Out);
        Assert.Empty(node.Desk.Taken);

        node.View.Overlays = [];
        Assert.Equal(ExitCode.Failed, await new CommandRun().RunAsync("drain", "web/x", "--wait", "--admin", node.Url.ToString()));
    }

    [Theory]
    [InlineData(OperatorState.Ready, "ready")]
    [InlineData(OperatorState.Maintenance, "maintenance")]
    public async Task A_drain_that_somebody_else_ends_is_a_failure_that_says_so(OperatorState state, string word)
    {
        await using AdminFixture node = await DrainingAsync();
        node.View.Elsewhere = (1, 0);
        var run = new CommandRun();
        Task<int> waiting = run.RunAsync("drain", "web/a", "--wait", "--admin", node.Url.ToString());
        await Until.Holds(() => run.Out.Length > 0);

        Publish(node, state);

        Assert.Equal(ExitCode.Failed, await waiting);
        Assert.Equal($"actorlb: web/a does not drain any more: somebody set it to {word} while this waited{Environment.NewLine}", run.Error);
    }

    [Fact]
    public async Task Ctrl_C_ends_the_waiting_and_not_the_drain()
    {
        await using AdminFixture node = await DrainingAsync();
        node.View.Elsewhere = (1, 0);
        var run = new CommandRun();
        Task<int> waiting = run.RunAsync("drain", "web/a", "--wait", "--admin", node.Url.ToString());
        await Until.Holds(() => run.Out.Length > 0);

        run.Signals.Raise();

        Assert.Equal(ExitCode.Failed, await waiting);
        Assert.Contains("stopped waiting; web/a goes on draining", run.Error, StringComparison.Ordinal);
        Assert.Empty(node.Desk.Taken);
    }

    [Fact]
    public async Task Members_that_cannot_be_reached_are_named_and_not_waited_for()
    {
        await using AdminFixture node = await DrainingAsync();
        node.View.Members = [new NodeMember("node-3", "akka.tcp://actorlb@node-3", "up", Reachable: false)];
        var run = new CommandRun();
        Assert.Equal(ExitCode.Good, await run.RunAsync("drain", "web/a", "--wait", "--admin", node.Url.ToString()));
        Assert.Equal($"actorlb: node-3 cannot be reached: what it has open there is not known{Environment.NewLine}", run.Error);
    }

    [Fact]
    public async Task A_node_that_is_cut_off_from_the_others_is_waited_for_and_says_why()
    {
        await using AdminFixture node = await DrainingAsync();
        node.View.Lost = [new LostNode("node-2", FakeDesk.Now), new LostNode("node-3", FakeDesk.Now)];
        var run = new CommandRun();
        Task<int> waiting = run.RunAsync("drain", "web/a", "--wait", "--admin", node.Url.ToString());
        await Until.Holds(() => run.Error.Contains("this node is cut off from node-2, node-3", StringComparison.Ordinal));
        node.View.Lost = [];
        Assert.Equal(ExitCode.Good, await waiting);
    }

    [Fact]
    public async Task A_drain_that_nobody_can_take_over_from_is_told_and_goes_on()
    {
        await using AdminFixture node = await DrainingAsync(BackendHealth.Down);
        node.Plane.Tables["web"].Note(new Binding(new SessionId(1, 2), BackendKey.Of("a"), 1, (uint)TimeProvider.System.GetUtcNow().ToUnixTimeSeconds()));
        var run = new CommandRun();
        Task<int> waiting = run.RunAsync("drain", "web/a", "--move", "--wait", "--admin", node.Url.ToString());
        await Until.Holds(() => run.Out.Contains("nobody else takes sessions", StringComparison.Ordinal));
        Assert.Contains("no other backend of web takes new sessions", run.Error, StringComparison.Ordinal);
        run.Signals.Raise();
        Assert.Equal(ExitCode.Failed, await waiting);
    }

    [Fact]
    public async Task Without_a_deadline_it_says_once_how_long_it_waits_and_what_to_do()
    {
        await using AdminFixture node = await DrainingAsync();
        node.View.Elsewhere = (2, 2);
        var run = new CommandRun();
        Task<int> waiting = run.RunAsync("drain", "web/a", "--wait", "--admin", node.Url.ToString());
        await Until.Holds(() => run.Out.Contains("2 tunnels left", StringComparison.Ordinal));
        node.View.Elsewhere = (1, 1);
        await Until.Holds(() => run.Error.Length > 0);
        node.View.Elsewhere = default;
        Assert.Equal(ExitCode.Good, await waiting);
        Assert.Equal(
            $"actorlb: there is no deadline: this waits until the last session ends by itself; \"actorlb drain web/a --deadline 5m --wait\" sets one, \"actorlb drain web/a --move --wait\" moves them now{Environment.NewLine}",
            run.Error);
    }

    [Fact]
    public async Task As_json_there_is_the_decision_and_then_what_was_left()
    {
        await using AdminFixture node = await DrainingAsync();
        var run = new CommandRun();
        Assert.Equal(ExitCode.Good, await run.RunAsync("drain", "web/a", "--move", "--wait", "--json", "--admin", node.Url.ToString()));
        int second = run.Out.IndexOf("\n{", StringComparison.Ordinal);
        Assert.Equal("draining", JsonSerializer.Deserialize<DecisionDocument>(run.Out[..second], AdminJson.Written)!.Operator);
        Assert.True(JsonSerializer.Deserialize<DrainsDocument.Drain>(run.Out[second..], AdminJson.Written)!.CanBeStopped);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Where_one_node_is_dead_the_next_one_is_asked(bool inOneOption)
    {
        await using AdminFixture node = await DrainingAsync();
        string dead = $"http://127.0.0.1:{LoopbackPorts.Free("127.0.0.1", 1)[0]}";
        var run = new CommandRun();
        string[] admin = inOneOption ? ["--admin", $"{dead},{node.Url}"] : ["--admin", dead, "--admin", node.Url.ToString()];
        Assert.Equal(ExitCode.Good, await run.RunAsync(["drain", "web/a", "--move", .. admin]));
        Assert.Single(node.Desk.Taken);
        Assert.Empty(run.Error);
    }

    [Fact]
    public async Task A_node_that_dies_while_somebody_waits_is_followed_by_the_next_one()
    {
        AdminFixture first = await DrainingAsync();
        await using AdminFixture second = await DrainingAsync();
        first.View.Elsewhere = (1, 0);
        second.View.Elsewhere = (2, 0);
        var run = new CommandRun { Variables = { [AdminOptions.UrlVariable] = $"{first.Url}, {second.Url}" } };
        Task<int> waiting = run.RunAsync("drain", "web/a", "--wait");
        await Until.Holds(() => run.Out.Length > 0);

        await first.Server.StopAsync(default);
        await first.DisposeAsync();
        second.View.Elsewhere = default;

        Assert.Equal(ExitCode.Good, await waiting);
    }

    [Fact]
    public async Task What_no_node_answers_is_one_line_that_names_them_all()
    {
        int[] ports = LoopbackPorts.Free("127.0.0.1", 2);
        var run = new CommandRun();
        Assert.Equal(ExitCode.Failed, await run.RunAsync("status", "--admin", $"http://127.0.0.1:{ports[0]},http://127.0.0.1:{ports[1]}"));
        Assert.Single(run.Error.Split(Environment.NewLine, StringSplitOptions.RemoveEmptyEntries));
        Assert.All(ports, p => Assert.Contains($"cannot reach http://127.0.0.1:{p}/", run.Error, StringComparison.Ordinal));
    }

    [Fact]
    public async Task What_one_node_refuses_the_next_one_is_not_asked_for()
    {
        await using AdminFixture first = await AdminFixture.StartAsync(token: "secret");
        await using AdminFixture second = await DrainingAsync();

        // The first one has all the time to answer.
        var run = new CommandRun { Time = new FakeTimeProvider() };
        Assert.Equal(ExitCode.Failed, await run.RunAsync("drain", "web/a", "--admin", $"{first.Url},{second.Url}"));
        Assert.Contains("needs a token", run.Error, StringComparison.Ordinal);
        Assert.Empty(second.Desk.Taken);
    }

    private static async Task<AdminFixture> DrainingAsync(BackendHealth others = BackendHealth.Up)
    {
        AdminFixture node = await AdminFixture.StartAsync();
        Publish(node, OperatorState.Draining, others);
        return node;
    }

    private static void Publish(AdminFixture node, OperatorState state, BackendHealth others = BackendHealth.Up) => node.Publish(id => id == "a"
        ? new BackendCondition(BackendHealth.Up, FakeDesk.Now, state, null, false, 1)
        {
            Decision = new OperatorDecision(A, state, null, 1, "node-1") { DrainsSince = FakeDesk.Now },
        }
        : new BackendCondition(others, FakeDesk.Now, OperatorState.Ready, null, false, 1));
}

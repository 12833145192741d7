using System.Text.Json;
using ActorLb.Node.Cli;
using ActorLb.Node.Events;
using ActorLb.Tests.Admin;
using ActorLb.Tests.Cluster;
using Xunit;

namespace ActorLb.Tests.Cli;

public sealed class EventsCommandTests
{
    [Fact]
    public async Task What_has_happened_is_a_line_each()
    {
        await using AdminFixture node = await AdminFixture.StartAsync();
        Down(node.Events, "a");
        Down(node.Events, "b");
        var run = new CommandRun();
        Assert.Equal(ExitCode.Good, await run.RunAsync("events", "--admin", node.Url.ToString()));
        string[] lines = run.Out.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(2, lines.Length);
        Assert.Matches(@"^\S+Z node-1 +error +backend\.down +web/a is down", lines[0]);
    }

    [Fact]
    public async Task Who_asked_for_a_decision_stands_behind_it()
    {
        await using AdminFixture node = await AdminFixture.StartAsync();
        node.Events.Note(new EventNote(EventKind.OperatorDrain, "web/a drains") { Who = "ci (10.0.0.5, CN=\u001b[31mx)" });
        var run = new CommandRun();
        Assert.Equal(ExitCode.Good, await run.RunAsync("events", "--admin", node.Url.ToString()));
        Assert.EndsWith("web/a drains (asked for by ci (10.0.0.5, CN=\\u001b[31mx))\n", run.Out.ReplaceLineEndings("\n"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task As_json_each_is_what_the_api_sent()
    {
        await using AdminFixture node = await AdminFixture.StartAsync();
        NodeEvent down = Down(node.Events, "a");
        var run = new CommandRun();
        Assert.Equal(ExitCode.Good, await run.RunAsync("events", "--json", "--since", "10m", "--kind", "backend", "--pool", "web", "--admin", node.Url.ToString()));
        using JsonDocument printed = JsonDocument.Parse(run.Out);
        Assert.Equal(down.Id.ToString(), printed.RootElement.GetProperty("id").GetString());
    }

    [Fact]
    public async Task An_event_is_one_line_and_does_nothing_to_the_terminal()
    {
        await using AdminFixture node = await AdminFixture.StartAsync();
        node.Events.Note(new EventNote(EventKind.BackendDown, "down\r\u001b[31m red\n2026-11-30T00:00:00Z n9 info forged\u202e") { Pool = "web", Backend = "a" });
        var run = new CommandRun();
        Assert.Equal(ExitCode.Good, await run.RunAsync("events", "--admin", node.Url.ToString()));
        string line = Assert.Single(run.Out.Split('\n', StringSplitOptions.RemoveEmptyEntries));
        Assert.Contains("forged", line, StringComparison.Ordinal);
        Assert.DoesNotContain(line, char.IsControl);
        Assert.DoesNotContain("\u202e", line, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_the_api_refuses_is_told()
    {
        await using AdminFixture node = await AdminFixture.StartAsync();
        foreach (string[] follow in new string[][] { [], ["-f"] })
        {
            var run = new CommandRun();
            Assert.Equal(ExitCode.WrongUsage, await run.RunAsync([.. new[] { "events", "--kind", "backend.sideways", "--admin", node.Url.ToString() }, .. follow]));
            Assert.Contains("There is no kind of events", run.Error, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_pool_that_nobody_knows_is_told()
    {
        await using AdminFixture node = await AdminFixture.StartAsync();
        var run = new CommandRun();
        Assert.Equal(ExitCode.Good, await run.RunAsync("events", "--pool", "wbe", "--admin", node.Url.ToString()));
        Assert.Equal("actorlb: nothing has happened in that time to a pool wbe, and there is none now\n", run.Error.ReplaceLineEndings("\n"));
        run = new CommandRun();
        Assert.Equal(ExitCode.Good, await run.RunAsync("events", "--pool", "web", "--admin", node.Url.ToString()));
        Assert.Equal("", run.Error);
    }

    [Fact]
    public async Task Following_where_nobody_answers_fails()
    {
        var run = new CommandRun();
        Assert.Equal(ExitCode.Failed, await run.RunAsync("events", "-f", "--admin", $"http://127.0.0.1:{LoopbackPorts.Free("127.0.0.1", 1)[0]}"));
        Assert.Contains("cannot follow", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Following_goes_on_at_another_node_and_shows_nothing_twice()
    {
        AdminFixture first = await AdminFixture.StartAsync();
        await using AdminFixture second = await AdminFixture.StartAsync();
        NodeEvent a = Down(first.Events, "a");
        second.Events.Take([a]);
        var run = new CommandRun();
        Task<int> following = run.RunAsync("events", "-f", "--since", "10m", "--admin", $"{first.Url},{second.Url}");
        await ShownAsync(run, "web/a is down");

        second.Events.Take([Down(first.Events, "b")]);
        await ShownAsync(run, "web/b is down");
        first.Events.Close();
        await first.DisposeAsync();
        Down(second.Events, "c");
        await ShownAsync(run, "web/c is down");
        Assert.Equal(3, run.Out.Split('\n', StringSplitOptions.RemoveEmptyEntries).Length);
        Assert.Contains("going on at", run.Error, StringComparison.Ordinal);
        Assert.False(following.IsCompleted);
        second.LockOut();
        Assert.Equal(ExitCode.Failed, await following.WaitAsync(TimeSpan.FromSeconds(60)));
    }

    [Fact]
    public async Task Following_asks_who_else_there_is()
    {
        await using AdminFixture node = await AdminFixture.StartAsync();
        var asked = new TaskCompletionSource();
        node.Figures.OnNow = () => asked.TrySetResult();
        Task<int> following = new CommandRun().RunAsync("events", "-f", "--admin", node.Url.ToString());
        await asked.Task.WaitAsync(TimeSpan.FromSeconds(60));
        node.LockOut();
        Assert.Equal(ExitCode.Failed, await following.WaitAsync(TimeSpan.FromSeconds(60)));
    }

    [Fact]
    public async Task Where_the_only_node_that_was_given_is_gone_those_are_asked_of_which_it_told()
    {
        AdminFixture first = await AdminFixture.StartAsync("the right one of them");
        await using AdminFixture second = await AdminFixture.StartAsync("the right one of them");
        first.Meet(second.Url);
        using var client = new AdminClient(first.Url, "the right one of them", TimeProvider.System);
        using var ending = new CancellationTokenSource();
        Task learns = client.KeepLearningAsync(ending.Token);
        await Eventually.Holds(() => client.Nodes.All.Count == 2, "it is not told of the other");
        Down(first.Events, "a");
        var seen = new List<string>();
        var said = new List<string>();
        var shown = new TaskCompletionSource();
        Task follows = new EventFollower(client.Nodes, TimeProvider.System, said.Add).RunAsync(
            "?follow=true&since=10m",
            one =>
            {
                seen.Add(one.GetProperty("backend").GetString()!);
                shown.TrySetResult();
            },
            ending.Token);
        await shown.Task.WaitAsync(TimeSpan.FromSeconds(60));
        shown = new TaskCompletionSource();
        first.Events.Close();
        await first.DisposeAsync();
        Down(second.Events, "c");
        await shown.Task.WaitAsync(TimeSpan.FromSeconds(60));
        await ending.CancelAsync();
        await learns;
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => follows);
        Assert.Equal(["a", "c"], seen);
        Assert.EndsWith($"; going on at {second.Url}", said[0], StringComparison.Ordinal);
        Assert.Equal("node-1", (await client.StatusAsync(CancellationToken.None)).Node);
    }

    private static Task ShownAsync(CommandRun run, string text) => Eventually.Holds(() => run.Out.Contains(text, StringComparison.Ordinal), () => $"{text}: {run.Out}{run.Error}");

    private static NodeEvent Down(EventLog log, string backend) => log.Note(new EventNote(EventKind.BackendDown, $"web/{backend} is down") { Pool = "web", Backend = backend });
}

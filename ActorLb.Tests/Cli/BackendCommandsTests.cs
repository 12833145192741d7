using System.Text.Json;
using ActorLb.Node.Admin;
using ActorLb.Node.Cli;
using ActorLb.Node.Overlays;
using ActorLb.Shared.Backends;
using ActorLb.Tests.Admin;
using Xunit;

namespace ActorLb.Tests.Cli;

public sealed class BackendCommandsTests
{
    [Fact]
    public async Task Backends_are_added_removed_and_weighed_and_each_is_told_in_a_line()
    {
        await using AdminFixture node = await AdminFixture.StartAsync();
        Assert.Equal("web/c is there at http://10.0.0.7 with weight 2", await GoodAsync(node, "add", "web", "http://10.0.0.7:80", "--id", "c", "--weight", "2"));
        Assert.Equal("web/c is there at http://10.0.0.7 with weight 2", await GoodAsync(node, "weight", "web/c", "2"));
        node.Backends.Overlays = [new ChangedBackend(new BackendName("web", "c"), OverlayKind.Removed, null, null, FakeDesk.Now, 2)];
        Assert.Equal("web/c is removed; its sessions have until 2027-01-15T08:00:00Z", await GoodAsync(node, "remove", "web/c", "--deadline", "5m"));
        await GoodAsync(node, "remove", "web/c", "--now");
        node.Backends.Overlays = [new ChangedBackend(new BackendName("web", "d"), OverlayKind.Added, new Uri("http://10.0.0.8"), 1, null, 1) { IsBackup = true }];
        Assert.Equal("web/d is there at http://10.0.0.8 with weight 1, as a backup", await GoodAsync(node, "add", "web", "http://10.0.0.8", "--id", "d", "--backup"));
        await GoodAsync(node, "reset", "web/c");
        await GoodAsync(node, "reset");
        var name = new BackendName("web", "c");
        Assert.Equal(
            [
                new AddBackend(name, new Uri("http://10.0.0.7"), 2),
                new WeighBackend(name, 2),
                new RemoveBackend(name, TimeSpan.FromMinutes(5), Now: false),
                new RemoveBackend(name, null, Now: true),
                new AddBackend(new BackendName("web", "d"), new Uri("http://10.0.0.8"), null) { IsBackup = true },
                new ResetBackends("web", "c"),
                new ResetBackends(null, null),
            ],
            node.Backends.Taken);
    }

    [Fact]
    public async Task What_not_all_go_by_ends_with_1_and_names_them()
    {
        await using AdminFixture node = await AdminFixture.StartAsync();
        node.Backends.NotInForce = ["node-2"];
        var run = new CommandRun();
        Assert.Equal(ExitCode.Failed, await run.RunAsync("weight", "web/c", "2", "--json", "--admin", node.Url.ToString()));
        Assert.Contains("node-2 did not say", run.Error, StringComparison.Ordinal);
        Assert.Equal(["node-2"], JsonSerializer.Deserialize<BackendDocument>(run.Out, AdminJson.Written)!.NotInForce);
    }

    [Fact]
    public async Task A_refusal_is_told_as_the_api_said_it()
    {
        await using AdminFixture node = await AdminFixture.StartAsync();
        node.Backends.Failure = new BackendChangeException("backend-exists", "It is there already.");
        var run = new CommandRun();
        Assert.Equal(ExitCode.Failed, await run.RunAsync("add", "web", "http://10.0.0.7", "--admin", node.Url.ToString()));
        Assert.Equal("actorlb: It is there already." + Environment.NewLine, run.Error);
    }

    [Fact]
    public async Task The_difference_is_a_table_and_status_says_who_did_it()
    {
        await using AdminFixture node = await AdminFixture.StartAsync();
        Assert.Equal("nothing was decided at run time: what is written is in force", await GoodAsync(node, "diff"));
        node.View.Overlays =
        [
            new OverlayReport(new BackendName("web", "a"), OverlayKind.Weight, null, 7, "http://127.0.0.1:9001", 3, null, "changed below", "node-1", FakeDesk.Now, 1),
            new OverlayReport(new BackendName("web", "b"), OverlayKind.Added, "http://10.0.0.7", null, null, null, null, null, "node-1", FakeDesk.Now, 1) { IsBackup = true },
        ];
        string diff = await GoodAsync(node, "diff");
        Assert.Matches("web/a +weight 7 +http://127.0.0.1:9001 weight 3 .*changed below", diff);
        Assert.Matches("web/b +added at http://10.0.0.7, a backup ", diff);
        Assert.Contains("added by an operator", await GoodAsync(node, "status"), StringComparison.Ordinal);

        var narrow = new CommandRun { Terminal = new TerminalShape(70, InColour: false) };
        Assert.Equal(ExitCode.Good, await narrow.RunAsync("diff", "--admin", node.Url.ToString()));
        Assert.Contains("left out: since, by (-o wide)", narrow.Out, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("removed", null, true, "web/a is removed; its sessions move at once, and its WebSockets are closed")]
    [InlineData("removed", null, false, "web/a is removed; its sessions stay until they end")]
    [InlineData("none", null, false, "nothing is decided about web/a any more; it is not written, and so not there")]
    [InlineData("none", "http://10.0.0.1", false, "web/a is as it is written at http://10.0.0.1")]
    public void What_was_decided_is_said_as_it_is(string overlay, string? address, bool now, string expected) => Assert.Equal(
        expected, BackendCommands.Sentence(new BackendDocument("web", "a", overlay, address, null, null, 1, "node-1", false, true, [], []), now));

    [Theory]
    [InlineData("add web")]
    [InlineData("add web http://10.0.0.7 --weight 0")]
    [InlineData("add web http://10.0.0.7 --weight 257")]
    [InlineData("remove web/a --now --deadline 5m")]
    [InlineData("remove web/a --deadline soon")]
    [InlineData("weight web/a")]
    [InlineData("weight web/a 0")]
    [InlineData("weight web/a heavy")]
    [InlineData("reset web/")]
    [InlineData("diff extra")]
    public async Task Wrong_usage_ends_with_2_and_one_line(string line)
    {
        var run = new CommandRun();
        Assert.Equal(ExitCode.WrongUsage, await run.RunAsync(line.Split(' ')));
        Assert.Equal(2, run.Error.Split(Environment.NewLine, StringSplitOptions.RemoveEmptyEntries).Length);
    }

    [Theory]
    [InlineData("add", "actorlb add web http://")]
    [InlineData("remove", "actorlb remove web/")]
    [InlineData("weight", "actorlb weight web/")]
    [InlineData("reset", "actorlb reset web")]
    [InlineData("diff", "actorlb diff --admin")]
    public async Task Help_has_an_example(string command, string example)
    {
        var run = new CommandRun();
        Assert.Equal(ExitCode.Good, await run.RunAsync(command, "--help"));
        Assert.Contains(example, string.Join(' ', run.Out.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)), StringComparison.Ordinal);
    }

    private static async Task<string> GoodAsync(AdminFixture node, params string[] arguments)
    {
        var run = new CommandRun();
        Assert.True(await run.RunAsync([.. arguments, "--admin", node.Url.ToString()]) == ExitCode.Good, run.Error);
        return run.Out.TrimEnd();
    }
}

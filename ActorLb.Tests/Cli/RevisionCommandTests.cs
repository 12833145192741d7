using ActorLb.Node.Reloads;
using ActorLb.Node.Cli;
using ActorLb.Node.Revisions;
using ActorLb.Node.Topologies;
using ActorLb.Tests.Admin;
using ActorLb.Tests.Revisions;
using Xunit;

namespace ActorLb.Tests.Cli;

public sealed class RevisionCommandTests : IDisposable
{
    private readonly string _file = Path.GetTempFileName();

    public RevisionCommandTests() => File.WriteAllText(_file, "actorlb { }");

    public void Dispose() => File.Delete(_file);

    [Fact]
    public async Task Apply_sends_its_files_and_says_what_is_in_force()
    {
        await using AdminFixture node = await AdminFixture.StartAsync();
        node.Revisions.Outcome = node.Revisions.Outcome with { Changes = [new SettingDifference("limits.idle-timeout", "1s", "2s")] };
        var run = new CommandRun();
        Assert.Equal(ExitCode.Good, await run.RunAsync("apply", "-c", _file, _file, "--admin", $"http://127.0.0.1:1,{node.Url}"));
        Assert.Contains("revision 7 is in force on all nodes (000000ab), with 1 change", run.Out, StringComparison.Ordinal);
        Assert.Contains("  limits.idle-timeout: 1s -> 2s", run.Out, StringComparison.Ordinal);
        Assert.Equal($"{_file}=actorlb {{ }}\n|{_file}=actorlb {{ }}\n", Assert.Single(node.Revisions.Given).Text.Replace("}|", "}\n|", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Apply_reads_standard_input_beside_files()
    {
        await using AdminFixture node = await AdminFixture.StartAsync();
        var run = new CommandRun { Input = new MemoryStream("actorlb { limits { } }"u8.ToArray()) };
        Assert.Equal(ExitCode.Good, await run.RunAsync("apply", "-c", _file, "-", "--admin", node.Url.ToString()));
        Assert.Equal($"{_file}=actorlb {{ }}\n|standard input=actorlb {{ limits {{ }} }}\n", Assert.Single(node.Revisions.Given).Text.Replace("}|", "}\n|", StringComparison.Ordinal));

        var wrong = new CommandRun { Input = new MemoryStream([0x61, 0xff, 0xfe]) };
        Assert.Equal(ExitCode.WrongUsage, await wrong.RunAsync("apply", "-c", "-", "--admin", node.Url.ToString()));
        Assert.Contains("this is no UTF-8 text", wrong.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(RevisionVerdict.Spreads, "goes on spreading")]
    [InlineData(RevisionVerdict.Impossible, "nothing has changed: mend")]
    [InlineData(RevisionVerdict.NoMajority, "Nothing has changed.")]
    [InlineData(RevisionVerdict.Busy, "Nothing has changed.")]
    [InlineData(RevisionVerdict.Silent, "Nothing has changed.")]
    [InlineData(RevisionVerdict.OtherRevision, "Nothing has changed.")]
    public async Task What_is_not_in_force_everywhere_ends_with_one_and_says_what_to_do(RevisionVerdict verdict, string word)
    {
        await using AdminFixture node = await AdminFixture.StartAsync();
        node.Revisions.Outcome = new RevisionOutcome(verdict, new RevisionId(7, FakeDesk.Now, "node-1"))
        {
            Mistakes = verdict == RevisionVerdict.Impossible ? [new RevisionMistake("lb2", "a", 1, 1, "k", "a:1:1: k: wrong; expected right")] : [],
            Nodes = ["lb3"],
        };
        var run = new CommandRun();
        Assert.Equal(ExitCode.Failed, await run.RunAsync("apply", "-c", _file, "--admin", node.Url.ToString()));
        Assert.Contains(word, run.Error, StringComparison.Ordinal);
        if (verdict == RevisionVerdict.Impossible)
        {
            Assert.Contains("error: lb2: a:1:1: k: wrong; expected right", run.Error, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("apply")]
    [InlineData("apply --dry-run")]
    [InlineData("apply -c a --release")]
    [InlineData("apply -c - -")]
    [InlineData("apply -c -x")]
    [InlineData("run -c -")]
    [InlineData("apply -c a --if-revision last")]
    [InlineData("rollback 6 --if-revision -1")]
    [InlineData("rollback")]
    [InlineData("rollback six")]
    [InlineData("diff 1 2 3")]
    [InlineData("diff 1 --nodes")]
    [InlineData("diff 1 last")]
    [InlineData("history @lb1")]
    [InlineData("export extra")]
    [InlineData("history 1 2")]
    public async Task Wrong_usage_is_told(string line) => Assert.Equal(ExitCode.WrongUsage, await new CommandRun().RunAsync(line.Split(' ')));

    [Fact]
    public async Task All_nodes_is_said_only_of_all_nodes_and_the_others_are_named()
    {
        await using AdminFixture node = await AdminFixture.StartAsync();
        string[] admin = ["--admin", node.Url.ToString()];
        node.Revisions.Outcome = node.Revisions.Outcome with
        {
            InForceAt = [("node-1", 0xab), ("node-2", 0xab), ("node-3", 0xcd)],
            Unreachable = ["node-4"],
        };
        var run = new CommandRun();
        Assert.Equal(ExitCode.Good, await run.RunAsync(["apply", "-c", _file, "--if-revision", "6", .. admin]));
        Assert.Equal(6, node.Revisions.IfRevision);
        Assert.Contains("revision 7 is in force on node-1, node-2 (000000ab)", run.Out, StringComparison.Ordinal);
        Assert.DoesNotContain("all nodes", run.Out, StringComparison.Ordinal);
        Assert.Contains("node-4 cannot be reached, and goes by revision 7 only when it can", run.Error, StringComparison.Ordinal);
        Assert.Contains("node-3: it comes to something else there (000000cd)", run.Error, StringComparison.Ordinal);

        run = new CommandRun();
        node.Revisions.Outcome = node.Revisions.Outcome with { InForceAt = [("node-1", 0xab), ("node-2", 0xab)], Unreachable = [] };
        Assert.Equal(ExitCode.Good, await run.RunAsync(["apply", "--release", .. admin]));
        Assert.Contains("on all nodes: node-1, node-2 (000000ab)", run.Out, StringComparison.Ordinal);
        Assert.Contains("the files of each node have their say", run.Out, StringComparison.Ordinal);
        Assert.Contains("  node-2: its files are in force (000000ab)", run.Out, StringComparison.Ordinal);
        Assert.Empty(run.Error);
    }

    [Fact]
    public async Task Diff_of_nodes_says_who_differs_in_which_keys_and_who_is_not_known()
    {
        await using AdminFixture node = await AdminFixture.StartAsync();
        string[] admin = ["diff", "--nodes", "--admin", node.Url.ToString()];
        node.Reloads.Nodes = [new NodeComparison("lb2", ComparisonOutcome.Same, 0xab, 0, [], 0)];
        var run = new CommandRun();
        Assert.Equal(ExitCode.Good, await run.RunAsync(admin));
        Assert.Contains("lb2 goes by the same (000000ab)", run.Out, StringComparison.Ordinal);

        node.Reloads.Nodes =
        [
            new NodeComparison("lb3", ComparisonOutcome.Unreachable, 0, 0, [], 0),
            new NodeComparison("lb2", ComparisonOutcome.Differs, 0xcd, 7, [new SettingDifference("limits.idle-timeout", "1s", null)], 4),
        ];
        run = new CommandRun();
        Assert.Equal(ExitCode.Failed, await run.RunAsync(admin));
        Assert.Contains("lb2 differs: it goes by revision 7 (000000cd)\n  limits.idle-timeout: 1s at node-1, (none) at lb2\n  and 4 more\nlb3 cannot be reached", run.Out, StringComparison.Ordinal);
        run = new CommandRun();
        Assert.Equal(ExitCode.Failed, await run.RunAsync([.. admin, "--json"]));
        Assert.Contains("\"state\": \"differs\"", run.Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_file_that_is_not_there_is_wrong_usage_and_nobody_is_asked()
    {
        var run = new CommandRun();
        Assert.Equal(ExitCode.WrongUsage, await run.RunAsync("apply", "-c", _file + ".missing", "--admin", "http://127.0.0.1:1"));
        Assert.StartsWith("error: ", run.Error, StringComparison.Ordinal);
    }

    private static string Unwrapped(string text) => string.Join(' ', text.Split((char[])['\n', ' '], StringSplitOptions.RemoveEmptyEntries));

    [Fact]
    public async Task History_rollback_diff_release_and_export_tell_what_the_node_says_on_eighty_columns()
    {
        await using AdminFixture node = await AdminFixture.StartAsync();
        node.Revisions.Status = new RevisionStatus(
            RevisionHistory.Of([RevisionHistoryTests.Given(3, "lb1") with { Note = "rollback to 1" }, RevisionHistoryTests.Given(2, "lb1", text: null)]), "cannot listen");
        string[] admin = ["--admin", node.Url.ToString()];
        var run = new CommandRun { Terminal = new TerminalShape(80, InColour: false) };
        Assert.Equal(ExitCode.Good, await run.RunAsync(["history", .. admin]));
        Assert.Contains("decided; not in force at node-1; rollback to 1", run.Out, StringComparison.Ordinal);
        Assert.Contains("node-1 does not go by revision 3, and goes on by what was in force before: cannot listen", Unwrapped(run.Out), StringComparison.Ordinal);
        Assert.All(run.Out.Split('\n'), line => Assert.True(line.Length <= 80, line));

        run = new CommandRun();
        Assert.Equal(ExitCode.Good, await run.RunAsync(["history", "3", .. admin]));
        Assert.Equal("actorlb {}", run.Out);
        Assert.Equal(ExitCode.Failed, await new CommandRun().RunAsync(["history", "9", .. admin]));

        run = new CommandRun();
        Assert.Equal(ExitCode.Good, await run.RunAsync(["diff", "3", .. admin]));
        Assert.Equal("limits.idle-timeout: 1s -> 2s", run.Out.Trim());
        Assert.Equal(ExitCode.Good, await new CommandRun().RunAsync(["rollback", "2", "--dry-run", .. admin]));
        Assert.Equal(ExitCode.Good, await new CommandRun().RunAsync(["apply", "--release", .. admin]));
        Assert.Equal([("2", true), ("release", false)], node.Revisions.Given.Select(g => (g.Text, g.IsTrial)));

        run = new CommandRun();
        Assert.Equal(ExitCode.Good, await run.RunAsync(["export", .. admin]));
        Assert.Equal("actorlb { }\n", run.Out);
        run = new CommandRun();
        Assert.Equal(ExitCode.Good, await run.RunAsync(["export", "--json", .. admin]));
        Assert.Contains("\"text\": \"actorlb { }\\n\"", run.Out, StringComparison.Ordinal);
        run = new CommandRun();
        Assert.Equal(ExitCode.Good, await run.RunAsync(["history", "--json", .. admin]));
        Assert.Contains("\"passedOver\": false", run.Out, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("apply")]
    [InlineData("history")]
    [InlineData("rollback")]
    [InlineData("diff")]
    [InlineData("export")]
    public async Task Each_command_shows_an_example(string command)
    {
        var run = new CommandRun();
        Assert.Equal(ExitCode.Good, await run.RunAsync(command, "--help"));
        Assert.Contains($"actorlb {command}", run.Out, StringComparison.Ordinal);
        Assert.Contains("or example:", run.Out.ReplaceLineEndings(" "), StringComparison.Ordinal);
    }
}

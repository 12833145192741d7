using System.Collections.Concurrent;
using System.Text.Json;
using System.Text.RegularExpressions;
using ActorLb.Engine.Routing;
using ActorLb.Node.Cli;
using ActorLb.Node.Dashboard;
using ActorLb.Node.Events;
using ActorLb.Node.Top;
using ActorLb.Shared.Backends;
using ActorLb.Shared.Settings;
using ActorLb.Tests.Admin;
using ActorLb.Tests.Cli;
using ActorLb.Tests.Cluster;
using Spectre.Console;
using Xunit;

namespace ActorLb.Tests.Top;

public sealed partial class TopCommandTests
{
    /// <summary>What moves the cursor and colours, and white space.</summary>
    [GeneratedRegex(@"(\u001b\[[0-9;?]*[A-Za-z]|\s)+")]
    private static partial Regex Escapes();

    private const string EntersScreen = "\u001b[?1049h";
    private const string LeavesScreen = "\u001b[?1049l";
    private const string ForgetsLines = "\u001b[3J";
    private const string ShowsCursor = "\u001b[?25h";

    [Fact]
    public async Task Without_a_terminal_it_prints_all_once_and_ends()
    {
        await using AdminFixture node = await AdminFixture.StartAsync();
        var run = new CommandRun();
        Assert.Equal(ExitCode.Good, await run.RunAsync("top", "--admin", node.Url.ToString()));
        string[] lines = run.Out.Split('\n');
        Assert.Matches("^(WELL|LOOK|WRONG): ", lines[0]);
        Assert.StartsWith("1/1 nodes  ", lines.First(l => l.Contains("sessions", StringComparison.Ordinal) && !l.Contains(':', StringComparison.Ordinal)), StringComparison.Ordinal);
        Assert.Contains(lines, l => l.Contains(" web/a ", StringComparison.Ordinal));
        Assert.Contains(lines, l => l.Contains(" web/b ", StringComparison.Ordinal));
        Assert.DoesNotContain('\u001b', run.Out);
        Assert.DoesNotContain(lines, l => l.EndsWith(' '));
    }

    [Theory]
    [InlineData("wrong", "State")]
    [InlineData("nodes", "node-1")]
    [InlineData("traffic", "route")]
    [InlineData("backends", "web/a")]
    [InlineData("sessions", "Moved because")]
    [InlineData("events", "web/a is down")]
    public async Task Each_view_can_be_printed(string view, string expected)
    {
        await using AdminFixture node = await AdminFixture.StartAsync();
        node.Events.Note(new EventNote(EventKind.BackendDown, "web/a is down"));
        var run = new CommandRun();
        Assert.Equal((ExitCode.Good, ""), (await run.RunAsync("top", "--once", "--view", view, "--admin", node.Url.ToString()), run.Error));
        Assert.Contains(expected, run.Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_filter_can_be_given()
    {
        await using AdminFixture node = await AdminFixture.StartAsync();
        var run = new CommandRun();
        Assert.Equal(ExitCode.Good, await run.RunAsync("top", "--filter", "WEB/B", "--admin", node.Url.ToString()));
        Assert.Contains(" web/b ", run.Out, StringComparison.Ordinal);
        Assert.DoesNotContain(" web/a ", run.Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task As_json_it_is_one_document_as_the_api_sent_it()
    {
        await using AdminFixture node = await AdminFixture.StartAsync();
        var run = new CommandRun();
        Assert.Equal(ExitCode.Good, await run.RunAsync("top", "--json", "--admin", node.Url.ToString()));
        using JsonDocument printed = JsonDocument.Parse(run.Out);
        Assert.Equal("node-1", printed.RootElement.GetProperty("node").GetString());
        Assert.Equal(2, printed.RootElement.GetProperty("pools")[0].GetProperty("backends").GetArrayLength());
    }

    [Fact]
    public async Task What_others_say_is_printed_as_text()
    {
        await using AdminFixture node = await AdminFixture.StartAsync();
        node.Events.Note(new EventNote(EventKind.BackendDown, "\u001b[31m[red]\u001b[2J\r\nweb/a is down"));
        var run = new CommandRun { Terminal = new TerminalShape(200, InColour: true) };
        Assert.Equal(ExitCode.Good, await run.RunAsync("top", "--view", "events", "--admin", node.Url.ToString()));
        Assert.Contains("\\u001b[31m[red]\\u001b[2J\\u000d\\u000aweb/a is down", run.Out, StringComparison.Ordinal);
        Assert.Contains("\u001b[31merror   \u001b[0m", run.Out, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--view sideways", "'sideways' not recognized. Must be one of: 'wrong' 'nodes' 'traffic' 'backends' 'sessions' 'events'\n")]
    [InlineData("--interval 10ms", "a second at least")]
    [InlineData("--interval soon", "--interval: 'soon' is no time such as 5s")]
    public async Task Wrong_usage_is_told(string arguments, string expected)
    {
        var run = new CommandRun();
        Assert.Equal(ExitCode.WrongUsage, await run.RunAsync(["top", .. arguments.Split(' ')]));
        Assert.Contains(expected, run.Error.ReplaceLineEndings("\n"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Its_help_has_an_example()
    {
        var run = new CommandRun();
        Assert.Equal(ExitCode.Good, await run.RunAsync("top", "--help"));
        Assert.Contains("For example: actorlb top", string.Join(' ', run.Out.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Where_nobody_answers_or_the_token_is_wrong_it_fails_and_says_so(bool isLive)
    {
        var run = new CommandRun { Terminal = new TerminalShape(80, InColour: false) { IsInteractive = isLive }, Screen = new Looking().Terminal };
        Assert.Equal(ExitCode.Failed, await run.RunAsync("top", "--admin", $"http://127.0.0.1:{LoopbackPorts.Free("127.0.0.1", 1)[0]}"));
        Assert.Contains("cannot follow http://127.0.0.1:", run.Error, StringComparison.Ordinal);

        await using AdminFixture node = await AdminFixture.StartAsync("the right one of them");
        Assert.Equal(ExitCode.Failed, await run.RunAsync("top", "--token", "another", "--admin", node.Url.ToString()));
        Assert.Contains("refuses this token (--token or $ACTORLB_ADMIN_TOKEN)", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task In_a_terminal_keys_lead_from_view_to_view_and_q_gives_it_back()
    {
        await using AdminFixture node = await AdminFixture.StartAsync();
        node.Events.Note(new EventNote(EventKind.BackendDown, "web/a is down"));
        (CommandRun run, Looking looking, Task<int> looks) = Look(node.Url.ToString());
        await looking.SeesAsync("[3 backends]");
        foreach ((char key, string expected) in new[] { ('n', "node-1"), ('t', "listeners"), ('s', "Moved because"), ('e', "web/a is down"), ('?', "quits, as Ctrl+C does"), ('0', "[0 wrong") })
        {
            looking.Press(key);
            await looking.SeesAsync(expected);
        }

        looking.Press('q');
        Assert.Equal((ExitCode.Good, ""), (await looks.WaitAsync(TimeSpan.FromSeconds(60)), run.Error));
        Assert.StartsWith(EntersScreen, looking.Written, StringComparison.Ordinal);
        Assert.DoesNotContain(ForgetsLines, looking.Written, StringComparison.Ordinal);
        Assert.EndsWith(LeavesScreen + ShowsCursor, looking.Written, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Keys_that_come_at_once_count_one_by_one()
    {
        await using AdminFixture node = await AdminFixture.StartAsync();
        (_, Looking looking, Task<int> looks) = Look(node.Url.ToString());
        await looking.SeesAsync("backends, by State");
        foreach (char key in ">>>r")
        {
            looking.Press(key);
        }

        await looking.SeesAsync("backends, by Err%, reversed");
        looking.Press('q');
        Assert.Equal(ExitCode.Good, await looks.WaitAsync(TimeSpan.FromSeconds(60)));
    }

    [Fact]
    public async Task Enter_opens_the_backend_that_is_marked_and_escape_leads_back()
    {
        await using AdminFixture node = await AdminFixture.StartAsync();
        node.Figures.Failures = [new FailuresAtNode("lb1", [new FailureNote(FakeDesk.Now, "r-1", "backend-timeout", 0)])];
        (_, Looking looking, Task<int> looks) = Look(node.Url.ToString());
        await looking.SeesAsync("web/a");
        looking.Press('j');
        looking.Press(ConsoleKey.Enter);
        await looking.SeesAsync("lines of web/b");
        await looking.SeesAsync("http://127.0.0.1:9002, weight 2");
        await looking.SeesAsync("r-1");
        looking.Press(ConsoleKey.Escape);
        looking.Press('n');
        await looking.SeesAsync("[1 nodes]");
        looking.Press('q');
        Assert.Equal(ExitCode.Good, await looks.WaitAsync(TimeSpan.FromSeconds(60)));
        Assert.DoesNotContain("lines of web/a", looking.Written, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_backend_that_is_none_any_more_says_so_and_shows_nothing_of_what_it_was()
    {
        await using AdminFixture node = await AdminFixture.StartAsync();
        PoolSettings pool = node.Plane.Topology.Pools["web"];
        Publish([.. pool.Backends, new BackendSettings("found", new Uri("http://127.0.0.1:9009"), 7)]);
        (_, Looking looking, Task<int> looks) = Look(node.Url.ToString(), "--filter", "web/found");
        await looking.SeesAsync("all 1 (of 3) backends");
        looking.Press(ConsoleKey.Enter);
        await looking.SeesAsync("http://127.0.0.1:9009, weight 7");
        Publish(pool.Backends);
        await looking.SeesAsync("has no backend \"found\"");
        await looking.SeesAsync(" is no backend now");
        Assert.DoesNotContain("9009", looking.Written[looking.Written.LastIndexOf(" is no backend now", StringComparison.Ordinal)..], StringComparison.Ordinal);
        looking.Press('q');
        Assert.Equal(ExitCode.Good, await looks.WaitAsync(TimeSpan.FromSeconds(60)));

        void Publish(EquatableArray<BackendSettings> backends) => Assert.True(node.Plane.Publish(RoutingSnapshots.Pool(
            pool with { Backends = backends },
            static _ => new BackendCondition(BackendHealth.Up, default, OperatorState.Ready, null, false, 1),
            id => node.Plane.Traffic[new BackendName("web", id == "found" ? "b" : id)],
            node.Plane.Cursors["web"])));
    }

    [Fact]
    public async Task Control_c_gives_the_terminal_back_too()
    {
        await using AdminFixture node = await AdminFixture.StartAsync();
        (CommandRun run, Looking looking, Task<int> looks) = Look(node.Url.ToString());
        await looking.SeesAsync("web/a");
        run.Signals.Raise();
        Assert.Equal((ExitCode.Good, ""), (await looks.WaitAsync(TimeSpan.FromSeconds(60)), run.Error));
        Assert.EndsWith(LeavesScreen + ShowsCursor, looking.Written, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_terminal_of_another_size_is_drawn_anew()
    {
        await using AdminFixture node = await AdminFixture.StartAsync();
        (_, Looking looking, Task<int> looks) = Look(node.Url.ToString());
        await looking.SeesAsync("web/a");
        Assert.DoesNotContain("Weight", looking.Written, StringComparison.Ordinal);
        looking.Console.Profile.Width = 160;
        await looking.SeesAsync("Weight");
        looking.Press('q');
        Assert.Equal(ExitCode.Good, await looks.WaitAsync(TimeSpan.FromSeconds(60)));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task It_goes_on_at_another_node_that_was_given_or_told_where_its_own_dies_and_says_so(bool isGiven)
    {
        AdminFixture first = await AdminFixture.StartAsync("the right one of them");
        await using AdminFixture second = await AdminFixture.StartAsync("the right one of them");
        first.Meet(second.Url);
        (CommandRun run, Looking looking, Task<int> looks) = Look(isGiven ? $"{first.Url},{second.Url}" : $"{first.Url}", "--token", "the right one of them");
        await looking.SeesAsync("web/a");
        first.Events.Close();
        await first.DisposeAsync();
        await looking.SeesAsync("SILENT for ");
        await Eventually.Holds(
            () => Escapes().Replace(looking.Written, " ").Contains($"going on at {second.Url}", StringComparison.Ordinal), () => looking.Written + run.Error);
        await Eventually.Holds(() => FramesSince("SILENT for ") > 1, () => looking.Written + run.Error);
        await Eventually.Holds(
            () => Escapes().Replace(looking.Written, " ").Contains($"MOVED to node-1 at {second.Url}, which is asked now: node-1 is silent", StringComparison.Ordinal), () => looking.Written + run.Error);
        looking.Press('q');
        Assert.Equal(ExitCode.Good, await looks.WaitAsync(TimeSpan.FromSeconds(60)));

        int FramesSince(string text)
        {
            string written = looking.Written;
            return written[written.LastIndexOf(text, StringComparison.Ordinal)..].Split("[3 backends]").Length - 1;
        }
    }

    [Fact]
    public async Task Where_no_other_node_can_be_asked_it_says_what_was_tried_and_why_not_the_others()
    {
        AdminFixture first = await AdminFixture.StartAsync();
        first.Meet(new Uri("file:///nowhere"));
        (_, Looking looking, Task<int> looks) = Look($"{first.Url}");
        await looking.SeesAsync("web/a");
        first.Events.Close();
        await first.DisposeAsync();
        await Eventually.Holds(
            () => Escapes().Replace(looking.Written, " ").Contains("nobody else can be asked (node-2 tells no address); trying on", StringComparison.Ordinal), () => looking.Written);
        looking.Press('q');
        Assert.Equal(ExitCode.Good, await looks.WaitAsync(TimeSpan.FromSeconds(60)));
    }

    [Fact]
    public async Task A_token_that_is_taken_back_ends_it_and_the_terminal_is_given_back()
    {
        await using AdminFixture node = await AdminFixture.StartAsync("the right one of them");
        (CommandRun run, Looking looking, Task<int> looks) = Look(node.Url.ToString(), "--token", "the right one of them");
        await looking.SeesAsync("web/a");
        node.Tokens.Follow(node.Plane.Settings.Admin with { Tokens = [new AdminToken("another", TokenDigest.Of("another one"), AdminRole.Operate)] });
        Assert.Equal(ExitCode.Failed, await looks.WaitAsync(TimeSpan.FromSeconds(60)));
        Assert.Contains("refuses this token", run.Error, StringComparison.Ordinal);
        Assert.EndsWith(LeavesScreen + ShowsCursor, looking.Written, StringComparison.Ordinal);
    }

    private static (CommandRun Run, Looking Looking, Task<int> Looks) Look(string admin, params string[] more)
    {
        var looking = new Looking();
        var run = new CommandRun { Terminal = new TerminalShape(80, InColour: true) { IsInteractive = true }, Screen = looking.Terminal };
        return (run, looking, run.RunAsync(["top", "--admin", admin, .. more]));
    }

    /// <summary>A terminal and who sits before it.</summary>
    [System.Diagnostics.CodeAnalysis.SuppressMessage("Design", "CA1001", Justification = "A thread waits for its keys until the process ends.")]
    private sealed class Looking
    {
        private readonly StringWriter _text = new();
        private readonly TextWriter _writer;
        private readonly BlockingCollection<ConsoleKeyInfo> _keys = [];

        public Looking()
        {
            _writer = TextWriter.Synchronized(_text);
            Console = AnsiConsole.Create(new AnsiConsoleSettings { Ansi = AnsiSupport.Yes, ColorSystem = ColorSystemSupport.Standard, Out = new AnsiConsoleOutput(_writer) });
            Console.Profile.Width = 80;
            Console.Profile.Height = 24;
        }

        public IAnsiConsole Console { get; }

        public TopTerminal Terminal => new() { Open = _ => Console, ReadKey = _keys.Take };

        // A synchronized writer locks on itself.
        public string Written
        {
            get
            {
                lock (_writer)
                {
                    return _text.ToString();
                }
            }
        }

        public void Press(char key) => _keys.Add(new ConsoleKeyInfo(key, default, shift: false, alt: false, control: false));

        public void Press(ConsoleKey key) => _keys.Add(new ConsoleKeyInfo('\0', key, shift: false, alt: false, control: false));

        public Task SeesAsync(string text) => Eventually.Holds(() => Written.Contains(text, StringComparison.Ordinal), () => $"{text}: {Written}");
    }
}

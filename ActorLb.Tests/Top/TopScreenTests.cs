using ActorLb.Node.Admin;
using ActorLb.Node.Top;
using ActorLb.Shared.Backends;
using Spectre.Console;
using Xunit;

namespace ActorLb.Tests.Top;

/// <summary>What reaches a terminal: nothing that others say is an order.</summary>
public sealed class TopScreenTests
{
    private const string Hostile = "\u001b]0;title\u0007\u001b[2J[red]x[/][link=http://evil]\r\n\t\u009b31m\u202e[[]] {0} \ud800";

    [Fact]
    public void Hostile_names_and_reasons_are_shown_and_do_nothing_in_any_view()
    {
        LivePicture picture = new(
            Hostile, Pictures.Now, Hostile, Hostile, 1, Pictures.Idle, [new Trouble(Hostile, Hostile, null, Hostile, Hostile, Hostile), new Trouble("b", Trouble.Error, null, Hostile, Hostile, Hostile)],
            [Pictures.Node(Hostile) with { Status = Hostile, Address = Hostile, Configuration = Hostile, Version = Hostile, Admin = Hostile, Unheard = [Hostile] }],
            [new LiveListener(Hostile, Hostile, IsTls: true, 1, new LiveFigures(0, 0, null, null, null))],
            [new LiveRoute(Hostile, Hostile, [(Hostile, 1), (Hostile, 2)], Answers: false, Pictures.Idle)],
            [new LivePool(Hostile, Hostile, Pictures.Idle, [Pictures.Backend(Hostile) with { Pool = Hostile, State = Hostile, Operator = Hostile, Why = Hostile }])]);
        TopFacts facts = Pictures.Told(picture) with
        {
            Silence = Hostile,
            BackendAsked = new BackendName(Hostile, Hostile),
            BackendProblem = Hostile,
            Backend = Pictures.View(Hostile),
            Events = [new TopEvent(Pictures.Now, Hostile, Hostile, Hostile, Hostile)],
            EventsProblem = Hostile,
            SessionsProblem = Hostile,
            Sessions = new SessionsDocument(Hostile, Pictures.Now, [new SessionsDocument.Pool(Hostile, 1, [new SessionsDocument.Backend(Hostile, Hostile, 1, 0, new SessionsDocument.Events(0, 0, new SessionsDocument.Moves(0, 0, 0, 0, 0, 0), 0, 0))])], [], []),
        };
        foreach (TopView view in Enum.GetValues<TopView>())
        {
            foreach (bool isTyping in new[] { false, true })
            {
                foreach (int width in new[] { 40, 80, 400 })
                {
                    TopFrame frame = TopFrame.Of(new TopState(view) { IsTyping = isTyping, Filter = "", Opened = new BackendName(Hostile, Hostile) }, facts, width, 40);
                    string drawn = Drawn(frame, width, ColorSystemSupport.NoColors, AnsiSupport.No);
                    Assert.DoesNotContain(drawn, c => char.IsControl(c) && c != '\n');
                    Assert.DoesNotContain('\u202e', drawn);
                    Assert.Equal(40, drawn.Split('\n').Length);
                }
            }
        }

        Assert.Contains(
            "\\u001b]0;title\\u0007", Drawn(TopFrame.Of(new TopState(TopView.Backend) { Opened = new BackendName(Hostile, Hostile) }, facts, 800, 40), 800, ColorSystemSupport.NoColors, AnsiSupport.No), StringComparison.Ordinal);
        string moved = Drawn(TopFrame.Of(new TopState(TopView.Backends), facts with { Silence = null, Moved = Hostile }, 800, 40), 800, ColorSystemSupport.NoColors, AnsiSupport.No);
        Assert.StartsWith("MOVED \\u001b]0;title", moved, StringComparison.Ordinal);
        string wide = Drawn(TopFrame.Of(new TopState(TopView.Events), facts, 800, 40), 800, ColorSystemSupport.NoColors, AnsiSupport.No);
        Assert.Contains("\\u001b]0;title\\u0007\\u001b[2J[red]x[/][link=http://evil]\\u000d\\u000a\\u0009\\u009b31m\\u202e[[]] {0} \ufffd", wide, StringComparison.Ordinal);
    }

    [Fact]
    public void Colours_are_beside_words_and_only_where_they_are_wanted()
    {
        TopFrame frame = TopFrame.Of(new TopState(TopView.Backends), Pictures.Told(Pictures.Of(Pictures.Down("web-1")) with { Troubles = [Pictures.IsDown("web-1")] }), 80, 24);
        Assert.Contains("\u001b[31mdown       \u001b[0m", Drawn(frame, 80, ColorSystemSupport.Standard, AnsiSupport.Yes).Replace("\u001b[91m", "\u001b[31m", StringComparison.Ordinal), StringComparison.Ordinal);
        string plain = Drawn(frame, 80, ColorSystemSupport.NoColors, AnsiSupport.Yes);
        Assert.DoesNotMatch("\u001b\\[[0-9;]*3[0-7]", plain);
        Assert.Contains("down        \u001b[7mweb/web-1", plain, StringComparison.Ordinal);
        Assert.Contains("WRONG: web/web-1 is down", plain, StringComparison.Ordinal);
    }

    [Fact]
    public void Each_line_covers_what_was_there_before()
    {
        string[] lines = Drawn(TopFrame.Of(new TopState(TopView.Nodes), Pictures.Told(Pictures.Of()), 80, 24), 80, ColorSystemSupport.NoColors, AnsiSupport.No).Split('\n');
        Assert.Equal(24, lines.Length);
        Assert.All(lines, l => Assert.Equal(80, l.Length));
    }

    private static string Drawn(TopFrame frame, int width, ColorSystemSupport colours, AnsiSupport ansi)
    {
        using var written = new StringWriter();
        IAnsiConsole console = AnsiConsole.Create(new AnsiConsoleSettings { Ansi = ansi, ColorSystem = colours, Out = new AnsiConsoleOutput(written) });
        console.Profile.Width = width;
        console.Profile.Height = frame.Lines.Length;
        console.Write(new TopScreen(frame));
        return written.ToString().ReplaceLineEndings("\n");
    }
}

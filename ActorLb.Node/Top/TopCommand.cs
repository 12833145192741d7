using System.CommandLine;
using System.Text;
using ActorLb.Node.Admin;
using ActorLb.Node.Cli;

namespace ActorLb.Node.Top;

/// <summary><c>top</c>: what the dashboard shows, in a terminal.</summary>
internal static class TopCommand
{
    private static readonly TimeSpan IntervalMin = TimeSpan.FromSeconds(1);

    public static Command Create(CommandContext context) => Create(context, TopTerminal.OfThisProcess);

    public static Command Create(CommandContext context, TopTerminal terminal)
    {
        var view = new Option<string>("--view") { Description = $"What to begin with: {string.Join(", ", Views())}.", HelpName = "VIEW", DefaultValueFactory = _ => TopTab.Of(TopView.Backends).Word };
        view.AcceptOnlyFromAmong([.. Views()]);
        var filter = new Option<string>("--filter") { Description = "Show rows alone that have this text.", HelpName = "TEXT", DefaultValueFactory = _ => "" };
        var interval = new Option<string>("--interval") { Description = "How often the picture changes, as in 5s; a second at least.", HelpName = "TIME", DefaultValueFactory = _ => "1s" };
        interval.Validators.Add(result =>
        {
            if (result.Tokens is [{ Value: var text }] && (!DrainDeadline.TryParse(text, out TimeSpan span) || span < IntervalMin))
            {
                result.AddError($"--interval: '{text}' is no time such as 5s; it is a second at least.");
            }
        });
        var once = new Option<bool>("--once") { Description = "Print all rows once and end, as where no terminal is." };
        var json = new Option<bool>("--json") { Description = "Print one picture as the admin API sent it, and end." };
        var admin = new AdminOptions(context);
        var command = new Command(
            "top",
            "Show what happens in the cluster, live: what is wrong, since when, why and what was done about it; nodes, traffic, backends, sessions, events, each with a key; Enter opens a backend. ? says which; q quits. Without a terminal it prints what there is, once. Where its node dies, it goes on at another one of the cluster. For example: actorlb top --admin http://10.0.0.1:8090")
        {
            view, filter, interval, once, json,
        };
        admin.AddTo(command);
        command.SetAction(async (parsed, cancellation) =>
        {
            using AdminClient client = admin.Connect(parsed);
            var state = new TopState(TopTab.All.First(t => t.Word == parsed.GetRequiredValue(view)).View) { Filter = parsed.GetRequiredValue(filter) };
            _ = DrainDeadline.TryParse(parsed.GetRequiredValue(interval), out TimeSpan every);
            var feed = new TopFeed(client, context.Time);
            if (parsed.GetValue(json))
            {
                context.PrintJson((await feed.DocumentAsync(cancellation)).Document);
            }
            else if (!parsed.GetValue(once) && context.Terminal.IsInteractive && terminal.Open(context.Terminal.InColour) is { Profile.Capabilities.Ansi: true } console)
            {
                await new TopRun(context, console, terminal, feed, every).RunAsync(state, cancellation);
            }
            else
            {
                Print(TopFrame.Of(state, await feed.FactsAsync(state.View, cancellation), context.Terminal.Width, int.MaxValue), context);
            }

            return ExitCode.Good;
        });
        return command;
    }

    private static IEnumerable<string> Views() => TopTab.All.Where(t => t.View != TopView.Help).Select(t => t.Word);

    private static void Print(TopFrame frame, CommandContext context)
    {
        foreach (var line in frame.Lines)
        {
            var text = new StringBuilder();
            foreach (TopSpan span in line)
            {
                TextColour colour = span.Tone switch { TopTone.Good => TextColour.Good, TopTone.Warning => TextColour.Warning, TopTone.Bad => TextColour.Bad, _ => TextColour.None };
                text.Append(TextPaint.Paint(span.Text, colour, context.Terminal.InColour));
            }

            context.Out.WriteLine(text.ToString().TrimEnd());
        }
    }
}

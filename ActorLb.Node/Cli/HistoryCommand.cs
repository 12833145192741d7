using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using ActorLb.Node.Admin;

namespace ActorLb.Node.Cli;

/// <summary><c>history [N]</c>: the revisions that the cluster was given, or the text of one.</summary>
internal static class HistoryCommand
{
    public static Command Create(CommandContext context)
    {
        Argument<string?> number = RevisionArgument.Optional(
            "N", "A revision, whose text is printed then; N@NODE where two sides of a partition gave the same number.");
        Option<bool> json = CommonOptions.Json();
        Option<string?> form = CommonOptions.Form();
        var admin = new AdminOptions(context);
        var command = new Command(
            "history", "Show the revisions that the cluster was given, the last 50, or the text of one. For example: actorlb history 7 > before.conf") { number, json, form };
        admin.AddTo(command);
        command.SetAction(async (parsed, cancellation) =>
        {
            using AdminClient client = admin.Connect(parsed);
            bool inJson = parsed.GetValue(json);
            if (parsed.GetValue(number) is { } one)
            {
                HistoryDocument.Entry entry = await client.RevisionAsync(one, cancellation);
                context.Out.Write(inJson ? JsonSerializer.Serialize(entry, AdminJson.Indented) + "\n" : entry.Text ?? "# the files of each node have their say\n");
                return ExitCode.Good;
            }

            HistoryDocument history = await client.HistoryAsync(cancellation);
            if (inJson)
            {
                context.PrintJson(history);
            }
            else
            {
                Print(context, history, parsed.GetValue(form) is null ? context.Terminal.Width : int.MaxValue);
            }

            return ExitCode.Good;
        });
        return command;
    }

    private static void Print(CommandContext context, HistoryDocument history, int width)
    {
        if (history.Revisions.Count == 0)
        {
            context.Out.WriteLine("no revision was ever given to this cluster: the files have their say");
            return;
        }

        var table = new TextTable(
            new TextColumn("Revision"),
            new TextColumn("When"),
            new TextColumn("Node") { Shrinks = true },
            new TextColumn("By", 2),
            new TextColumn("Fingerprint", 1),
            new TextColumn("Note") { Stacks = true });
        foreach (HistoryDocument.Entry entry in history.Revisions)
        {
            string[] notes =
            [
                .. entry.InForce ? [history.Problem is null ? "in force" : $"decided; not in force at {history.Node}"] : Array.Empty<string>(),
                .. entry.PassedOver ? ["passed over: another side gave the same number"] : Array.Empty<string>(),
                .. entry.Release ? ["the files have their say"] : Array.Empty<string>(),
                .. entry.Note is { } note ? [note] : Array.Empty<string>(),
            ];
            table.Add(
                new TextCell(entry.Name, !entry.InForce ? TextColour.None : history.Problem is null ? TextColour.Good : TextColour.Warning),
                entry.At.UtcDateTime.ToString("yyyy-MM-ddTHH:mm:ssZ", CultureInfo.InvariantCulture),
                entry.Node,
                entry.Who,
                entry.Fingerprint,
                string.Join("; ", notes));
        }

        table.WriteAll(context.Out, width, context.Terminal.InColour);
        if (history.Problem is { } problem)
        {
            WrappedText.Write(context.Out, $"{history.Node} does not go by revision {history.Revisions.FirstOrDefault(r => r.InForce)?.Name}, and goes on by what was in force before: {problem}", width);
        }
    }
}

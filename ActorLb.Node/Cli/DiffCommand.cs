using System.CommandLine;
using System.Globalization;
using ActorLb.Node.Admin;

namespace ActorLb.Node.Cli;

/// <summary><c>diff [N [M]] [--nodes]</c>: what operators decided at run time, against what is written; or in which keys revisions differ.</summary>
internal static class DiffCommand
{
    public static Command Create(CommandContext context)
    {
        Argument<string?> from = RevisionArgument.Optional("N", "A revision, as history names it: in which keys it differs.");
        Argument<string?> to = RevisionArgument.Optional("M", "From another one; without it, from what is in force.");
        var nodes = new Option<bool>("--nodes") { Description = "In which keys the nodes differ from the one that is asked; the exit code is 1 where some do, or do not answer." };
        Option<bool> json = CommonOptions.Json();
        Option<string?> form = CommonOptions.Form();
        var admin = new AdminOptions(context);
        var command = new Command(
            "diff",
            """
            Show what operators decided at run time (add, remove, weight, drain, maintenance) against what is written. For example: actorlb diff --admin http://10.0.0.1:8090; actorlb reset drops it. With numbers, show in which keys revisions differ: actorlb diff 6 7. With --nodes, show which nodes differ and in which keys: actorlb diff --nodes.
            """.Trim())
        {
            from, to, nodes, json, form,
        };
        command.Validators.Add(result =>
        {
            if (result.GetResult(nodes) is not null && result.GetResult(from) is { Tokens.Count: > 0 })
            {
                result.AddError("Give either revisions or --nodes.");
            }
        });
        admin.AddTo(command);
        command.SetAction(async (parsed, cancellation) =>
        {
            using AdminClient client = admin.Connect(parsed);
            if (parsed.GetValue(nodes))
            {
                return NodesDiffWords.Tell(context, await client.DiffNodesAsync(cancellation), parsed.GetValue(json));
            }

            if (parsed.GetValue(from) is { } first)
            {
                Print(context, first, await client.DiffAsync(first, parsed.GetValue(to), cancellation), parsed.GetValue(json));
                return ExitCode.Good;
            }

            DiffDocument diff = await client.DiffAsync(cancellation);
            if (parsed.GetValue(json))
            {
                context.PrintJson(diff);
            }
            else if (diff.Overlays.Count + diff.States.Count == 0)
            {
                context.Out.WriteLine("nothing was decided at run time: what is written is in force");
            }
            else
            {
                Print(diff, context.Out, parsed.GetValue(form) is null ? context.Terminal.Width : int.MaxValue, context.Terminal.InColour);
            }

            return ExitCode.Good;
        });
        return command;
    }

    private static void Print(CommandContext context, string from, RevisionDiffDocument diff, bool inJson)
    {
        if (inJson)
        {
            context.PrintJson(diff);
            return;
        }

        if (diff.Differences.Count == 0)
        {
            context.Out.WriteLine(diff.To is null ? $"revision {from} comes to what is in force" : $"revisions {from} and {diff.To} come to the same");
        }

        foreach (ReloadDocument.Difference difference in diff.Differences)
        {
            context.Out.WriteLine(RevisionWords.Told(difference));
        }
    }

    private static void Print(DiffDocument diff, TextWriter output, int width, bool inColour)
    {
        var table = new TextTable(
            new TextColumn("Backend") { Shrinks = true },
            new TextColumn("Decided"),
            new TextColumn("Written"),
            new TextColumn("Since", 1) { IsRight = true },
            new TextColumn("By", 2),
            new TextColumn("Note") { Stacks = true });
        foreach (DiffDocument.Overlay overlay in diff.Overlays)
        {
            table.Add(
                $"{overlay.Pool}/{overlay.Backend}",
                Decided(overlay, diff.Time),
                overlay.WrittenAddress is null ? "" : string.Create(CultureInfo.InvariantCulture, $"{overlay.WrittenAddress} weight {overlay.WrittenWeight}"),
                StatusWords.Span(diff.Time - overlay.At),
                overlay.Who ?? overlay.By,
                new TextCell(overlay.Note ?? "", overlay.Note is null ? TextColour.None : TextColour.Warning));
        }

        foreach (DiffDocument.State state in diff.States)
        {
            table.Add(
                $"{state.Pool}/{state.Backend}",
                state.Deadline is { } deadline && deadline > diff.Time ? $"{state.Operator}, {StatusWords.Span(deadline - diff.Time)} left" : state.Operator,
                "",
                state.At is { } at ? StatusWords.Span(diff.Time - at) : "",
                state.Who ?? state.By,
                new TextCell(state.Note ?? "", state.Note is null ? TextColour.None : TextColour.Warning));
        }

        table.WriteAll(output, width, inColour);
    }

    private static string Decided(DiffDocument.Overlay overlay, DateTimeOffset now) => overlay switch
    {
        { Change: "removed", Deadline: { } deadline } when deadline > now => $"removed, {StatusWords.Span(deadline - now)} left",
        { Change: "removed" } => "removed",
        { Change: "added" } => string.Create(CultureInfo.InvariantCulture, $"added at {overlay.Address}{(overlay.Weight is { } weight ? $" weight {weight}" : "")}{(overlay.Backup ? ", a backup" : "")}"),
        _ => string.Create(CultureInfo.InvariantCulture, $"weight {overlay.Weight}"),
    };
}

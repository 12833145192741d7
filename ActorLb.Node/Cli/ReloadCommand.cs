using System.CommandLine;
using System.Globalization;
using ActorLb.Node.Admin;

namespace ActorLb.Node.Cli;

/// <summary><c>reload [--all] [--dry-run]</c>: has running nodes read their files again.</summary>
internal static class ReloadCommand
{
    public static Command Create(CommandContext context)
    {
        var all = new Option<bool>("--all") { Description = "All nodes of the cluster, not only the one that is asked." };
        var trial = new Option<bool>("--dry-run") { Description = "Change nothing; say what would change, what is wrong and what it would cost." };
        var admin = new AdminOptions(context);
        Option<bool> json = CommonOptions.Json();
        var command = new Command("reload", "Have a node read its configuration files again. A mistake changes nothing. For example: actorlb reload --all --dry-run && actorlb reload --all") { all, trial, json };
        admin.AddTo(command);
        command.SetAction(async (parsed, cancellation) =>
        {
            using AdminClient client = admin.Connect(parsed);
            ReloadDocument reload = await client.ReloadAsync(parsed.GetValue(all), parsed.GetValue(trial), cancellation);
            if (parsed.GetValue(json))
            {
                context.PrintJson(reload);
            }
            else
            {
                foreach (ReloadDocument.Result result in reload.Nodes)
                {
                    Print(context, result);
                }
            }

            string[] refused = [.. reload.Nodes.Where(n => n.Outcome == "refused").Select(n => n.Node)];
            string[] silent = [.. reload.Nodes.Where(n => n.Outcome == "silent").Select(n => n.Node)];
            if (refused.Length > 0)
            {
                context.Complain($"nothing has changed at {string.Join(", ", refused)}: mend what is said above and reload again");
            }

            if (silent.Length > 0)
            {
                context.Complain($"{string.Join(", ", silent)} did not answer: what became of it there is not known; ask again, or that node itself by --admin");
            }

            return TellOfOthers(context, reload) || refused.Length + silent.Length > 0 ? ExitCode.Failed : ExitCode.Good;
        });
        return command;
    }

    // Each has read its own files, and these may be others.
    private static bool TellOfOthers(CommandContext context, ReloadDocument reload)
    {
        IGrouping<string, ReloadDocument.Result>[] groups = [.. reload.Nodes.Where(n => n.After is not null).GroupBy(n => n.After!)];
        if (groups.Length > 1)
        {
            bool isTrial = reload.Nodes.Any(n => n.Trial);
            context.Complain(
                $"the nodes {(isTrial ? "would not" : "do not")} go by the same{(isTrial ? " then" : "")}: {string.Join("; ", groups.Select(g => $"{string.Join(", ", g.Select(n => n.Node))} by {g.Key}"))}{(isTrial ? "" : "; actorlb diff --nodes says in which keys")}");
        }

        return groups.Length > 1;
    }

    private static void Print(CommandContext context, ReloadDocument.Result result)
    {
        context.Out.WriteLine($"{result.Node}: {Sentence(result)}");
        foreach (ReloadDocument.Difference change in result.Changes)
        {
            context.Out.WriteLine($"  {Told(change)}");
        }

        foreach (ReloadDocument.Difference change in result.NeedStart)
        {
            context.Out.WriteLine($"  in force after a new start only: {Told(change)}");
        }

        foreach (string warning in result.Warnings)
        {
            context.Error.WriteLine($"warning: {result.Node}: {warning}");
        }

        foreach (Reloads.ReloadMistake mistake in result.Mistakes)
        {
            context.Error.WriteLine($"error: {result.Node}: {mistake.Text}");
        }
    }

    private static string Sentence(ReloadDocument.Result result) => result switch
    {
        { Outcome: "changed" } => string.Create(
            CultureInfo.InvariantCulture,
            $"{result.Changes.Count} change{(result.Changes.Count == 1 ? "" : "s")} {(result.Trial ? "would be" : result.Changes.Count == 1 ? "is" : "are")} in force ({result.Before} -> {result.After})"),
        { Outcome: "overruled" } => $"a revision is in force ({result.After}), and the files have no say; actorlb apply --release gives it back to them",
        { Outcome: "unchanged" } => $"the files say what is in force already ({result.After})",
        { Outcome: "refused" } => $"refused; in force is what was before ({result.After})",
        _ => "no answer",
    };

    private static string Told(ReloadDocument.Difference difference) => $"{difference.Key}: {difference.Old ?? "(none)"} -> {difference.New ?? "(none)"}";
}

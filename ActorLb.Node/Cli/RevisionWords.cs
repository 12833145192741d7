using System.Globalization;
using System.Text.Json;
using ActorLb.Node.Admin;
using ActorLb.Node.Revisions;

namespace ActorLb.Node.Cli;

/// <summary>What became of a topology that was given to the cluster, for people.</summary>
internal static class RevisionWords
{
    /// <returns>The exit code.</returns>
    public static int Tell(CommandContext context, RevisionDocument document, bool inJson)
    {
        bool isGood = document.Outcome is "in-force" or "unchanged" or "possible";
        if (inJson)
        {
            context.Out.WriteLine(JsonSerializer.Serialize(document, AdminJson.Indented));
            return isGood ? ExitCode.Good : ExitCode.Failed;
        }

        foreach (string warning in document.Warnings)
        {
            WrappedText.Write(context.Error, $"warning: {warning}", int.MaxValue);
        }

        foreach (RevisionMistake mistake in document.Mistakes)
        {
            context.Error.WriteLine($"error: {mistake.Node}: {mistake.Text}");
        }

        if (isGood || document.Outcome == "spreads")
        {
            WrappedText.Write(context.Out, Sentence(document), context.Terminal.Width);
            foreach (ReloadDocument.Difference change in document.Changes)
            {
                context.Out.WriteLine($"  {Told(change)}");
            }
        }

        if (!isGood)
        {
            context.Complain(Complaint(document));
        }

        return isGood ? ExitCode.Good : ExitCode.Failed;
    }

    public static string Told(ReloadDocument.Difference difference) => $"{difference.Key}: {difference.Old ?? "(none)"} -> {difference.New ?? "(none)"}";

    private static string Sentence(RevisionDocument document) => document.Outcome switch
    {
        "in-force" => string.Create(CultureInfo.InvariantCulture, $"revision {document.Revision} is in force on all nodes ({document.Fingerprint}), with {Counted(document)}"),
        "spreads" => string.Create(CultureInfo.InvariantCulture, $"revision {document.Revision} is decided ({document.Fingerprint})"),
        "possible" => $"every node that can be reached could run it ({document.Fingerprint}); nothing has changed. It would be {Counted(document)}",
        _ => document.Revision is { } number
            ? string.Create(CultureInfo.InvariantCulture, $"that is in force already, as revision {number}")
            : "that is in force already: no revision is, and the files have their say",
    };

    private static string Complaint(RevisionDocument document) => document.Outcome switch
    {
        "spreads" => document.Nodes.Count > 0
            ? string.Create(CultureInfo.InvariantCulture, $"not in force yet at {string.Join(", ", document.Nodes)}; revision {document.Revision} goes on spreading by itself")
            : document.Detail ?? "it goes on spreading by itself",
        "impossible" => "nothing has changed: mend what is said above and apply again",
        _ => document.Detail ?? document.Title ?? document.Outcome,
    };

    private static string Counted(RevisionDocument document) =>
        string.Create(CultureInfo.InvariantCulture, $"{document.Changes.Count} change{(document.Changes.Count == 1 ? "" : "s")}");
}

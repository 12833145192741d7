using System.Globalization;
using ActorLb.Node.Admin;
using ActorLb.Node.Revisions;

namespace ActorLb.Node.Cli;

/// <summary>What became of a topology that was given to the cluster, for people.</summary>
internal static class RevisionWords
{
    /// <param name="isRelease">The files were to have their say again.</param>
    /// <returns>The exit code.</returns>
    public static int Tell(CommandContext context, RevisionDocument document, bool inJson, bool isRelease = false)
    {
        bool isGood = document.Outcome is "in-force" or "unchanged" or "possible";
        if (inJson)
        {
            context.PrintJson(document);
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
            WrappedText.Write(context.Out, Sentence(document, isRelease), context.Terminal.Width);
            foreach (ReloadDocument.Difference change in document.Changes)
            {
                context.Out.WriteLine($"  {Told(change)}");
            }
        }

        if (isRelease && isGood)
        {
            foreach (RevisionDocument.NodeFingerprint node in document.InForceAt)
            {
                context.Out.WriteLine($"  {node.Node}: its files are in force ({node.Fingerprint})");
            }
        }

        if (!isGood)
        {
            context.Complain(Complaint(document));
        }

        TellOfOthers(context, document, isRelease);

        return isGood ? ExitCode.Good : ExitCode.Failed;
    }

    public static string Told(ReloadDocument.Difference difference) => $"{difference.Key}: {difference.Old ?? "(none)"} -> {difference.New ?? "(none)"}";

    private static string Sentence(RevisionDocument document, bool isRelease) => document.Outcome switch
    {
        "in-force" => string.Create(CultureInfo.InvariantCulture, $"revision {document.Revision} is in force on {Where(document)} ({document.Fingerprint}), with {Counted(document)}{(isRelease ? "; the files of each node have their say" : "")}"),
        "spreads" => string.Create(CultureInfo.InvariantCulture, $"revision {document.Revision} is decided ({document.Fingerprint})"),
        "possible" => $"every node that can be reached could run it ({document.Fingerprint}); nothing has changed. It would be {Counted(document)}",
        _ => document.Revision is { } number
            ? string.Create(CultureInfo.InvariantCulture, $"that is in force already, as revision {number}")
            : "that is in force already: no revision is, and the files have their say",
    };

    // Whoever reads "all nodes" relies on it.
    private static string Where(RevisionDocument document) => document.Unreachable.Count == 0 && !document.InForceAt.Any(n => n.Differs)
        ? document.InForceAt.Count == 0 ? "all nodes" : $"all nodes: {string.Join(", ", document.InForceAt.Select(n => n.Node))}"
        : string.Join(", ", document.InForceAt.Where(n => !n.Differs).Select(n => n.Node));

    private static void TellOfOthers(CommandContext context, RevisionDocument document, bool isRelease)
    {
        if (document.Unreachable.Count > 0)
        {
            bool isOne = document.Unreachable.Count == 1;
            context.Complain(string.Create(
                CultureInfo.InvariantCulture,
                $"{string.Join(", ", document.Unreachable)} cannot be reached, and {(isOne ? "goes" : "go")} by revision {document.Revision} only when {(isOne ? "it" : "they")} can"));
        }

        foreach (IGrouping<string, RevisionDocument.NodeFingerprint> others in document.InForceAt.Where(n => n.Differs && document.Outcome == "in-force").GroupBy(n => n.Fingerprint))
        {
            context.Complain(
                $"{string.Join(", ", others.Select(n => n.Node))}: it comes to something else there ({others.Key}), by {(isRelease ? "other files" : "another environment, other admin tokens, or what operators decided")}; actorlb diff --nodes says in which keys");
        }
    }

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

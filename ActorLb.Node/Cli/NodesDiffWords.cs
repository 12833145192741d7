using System.Globalization;
using ActorLb.Node.Admin;

namespace ActorLb.Node.Cli;

/// <summary>Which nodes differ, for people.</summary>
internal static class NodesDiffWords
{
    /// <returns>The exit code: good where all go by the same.</returns>
    public static int Tell(CommandContext context, NodesDiffDocument document, bool inJson)
    {
        bool isGood = document.Nodes.All(n => n.State == "same");
        if (inJson)
        {
            context.PrintJson(document);
            return isGood ? ExitCode.Good : ExitCode.Failed;
        }

        context.Out.WriteLine($"{document.Node} goes by {Layer(document.Revision)} ({document.Fingerprint})");
        foreach (NodesDiffDocument.Member member in document.Nodes)
        {
            context.Out.WriteLine($"{member.Node} {Sentence(document, member)}");
            foreach (NodesDiffDocument.Difference difference in member.Differences)
            {
                context.Out.WriteLine($"  {difference.Key}: {difference.Here ?? "(none)"} at {document.Node}, {difference.There ?? "(none)"} at {member.Node}");
            }

            if (member.More > 0)
            {
                context.Out.WriteLine(string.Create(CultureInfo.InvariantCulture, $"  and {member.More} more"));
            }
        }

        return isGood ? ExitCode.Good : ExitCode.Failed;
    }

    private static string Sentence(NodesDiffDocument document, NodesDiffDocument.Member member) => member.State switch
    {
        "same" => $"goes by the same ({member.Fingerprint})",
        "differs" => $"differs: it goes by {(member.Revision is null && document.Revision is null ? "its own files" : Layer(member.Revision))} ({member.Fingerprint})",
        "unreachable" => "cannot be reached: what it goes by is not known",
        _ => "did not answer: what it goes by is not known",
    };

    private static string Layer(long? revision) => revision is { } number ? string.Create(CultureInfo.InvariantCulture, $"revision {number}") : "its files";
}

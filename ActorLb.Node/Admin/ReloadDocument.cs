using ActorLb.Node.Reloads;
using ActorLb.Node.Topologies;

namespace ActorLb.Node.Admin;

/// <summary>What <c>POST /api/v1/reload</c> answers: the node that was asked first.</summary>
public sealed record ReloadDocument(IReadOnlyList<ReloadDocument.Result> Nodes)
{
    /// <param name="Outcome">changed, unchanged, refused, overruled (a revision is in force, and the files have no say), or silent: what became of it is not known.</param>
    /// <param name="At">When; null where the node is silent.</param>
    /// <param name="Before">The fingerprint of what was in force; After: of what is now.</param>
    /// <param name="NeedStart">Static keys that say another thing than at the node's start: they need a new one.</param>
    /// <param name="Trial">Nothing was to be changed: this is what would have been.</param>
    public sealed record Result(
        string Node,
        string Outcome,
        DateTimeOffset? At,
        string? Before,
        string? After,
        IReadOnlyList<Difference> Changes,
        IReadOnlyList<Difference> NeedStart,
        IReadOnlyList<ReloadMistake> Mistakes,
        IReadOnlyList<string> Warnings,
        bool Trial);

    /// <param name="Old">Null: it was not there. New: null where it is gone.</param>
    public sealed record Difference(string Key, string? Old, string? New)
    {
        public static IReadOnlyList<Difference> Of(IEnumerable<SettingDifference> all) => [.. all.Select(d => new Difference(d.Key, d.Old, d.New))];
    }

    public static Result Of(ReloadReport report)
    {
        bool isSilent = report.Outcome == ReloadOutcome.Silent;
        return new Result(
            report.Node,
            Word(report.Outcome),
            isSilent ? null : report.At,
            isSilent ? null : Written(report.Before),
            isSilent ? null : Written(report.After),
            Difference.Of(report.Changes),
            Difference.Of(report.NeedStart),
            report.Mistakes,
            report.Warnings,
            report.IsTrial);
    }

    public static string Word(ReloadOutcome outcome) => outcome switch
    {
        ReloadOutcome.Changed => "changed",
        ReloadOutcome.Unchanged => "unchanged",
        ReloadOutcome.Refused => "refused",
        ReloadOutcome.Overruled => "overruled",
        _ => "silent",
    };

    private static string Written(uint fingerprint) => fingerprint.ToString("x8", System.Globalization.CultureInfo.InvariantCulture);
}

using ActorLb.Node.Reloads;

namespace ActorLb.Node.Events.Sources;

/// <summary>What came of reading a node's files again, as an event.</summary>
internal static class ReloadWords
{
    /// <summary>Null: nothing has changed.</summary>
    public static EventNote? Of(ReloadReport report) => report.Outcome switch
    {
        ReloadOutcome.Changed => new EventNote(
            EventKind.TopologyReloaded, $"{report.Node} has read its files again and goes by them: {report.Changes.Length} key{(report.Changes.Length == 1 ? "" : "s")} changed")
        {
            Data = new { fingerprint = $"{report.After:x8}", before = $"{report.Before:x8}", changes = report.Changes.Length },
        },
        ReloadOutcome.Refused => new EventNote(
            EventKind.TopologyRefused, $"{report.Node} has read its files again and goes on by what was before: {(report.Mistakes.IsEmpty ? "they cannot be used" : report.Mistakes[0].Text)}")
        {
            Data = new { mistakes = report.Mistakes.Length, key = report.Mistakes.IsEmpty ? null : report.Mistakes[0].Key },
        },
        _ => null,
    };
}

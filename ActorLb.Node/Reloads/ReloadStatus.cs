using System.Collections.Immutable;
using ActorLb.Node.Topologies;

namespace ActorLb.Node.Reloads;

/// <summary>How a node stands to its files. Immutable.</summary>
/// <param name="LoadedAt">When what is in force of them was read; the node's start where it was not since.</param>
public sealed record ReloadStatus(DateTimeOffset LoadedAt)
{
    /// <summary>The last one; null: there was none.</summary>
    public ReloadReport? Last { get; init; }

    /// <summary>As the last files without a mistake said.</summary>
    public ImmutableArray<SettingDifference> NeedStart { get; init; } = [];

    public long Changed { get; init; }

    public long Unchanged { get; init; }

    public long Refused { get; init; }

    /// <summary>Those of the last one, if it was refused.</summary>
    public ImmutableArray<ReloadMistake> Mistakes => Last?.Mistakes ?? [];

    /// <summary>After one more.</summary>
    /// <param name="isRead">The files were without a mistake.</param>
    public ReloadStatus With(ReloadReport report, bool isRead) => this with
    {
        Last = report,
        LoadedAt = report.Outcome is ReloadOutcome.Refused or ReloadOutcome.Overruled ? LoadedAt : report.At,
        NeedStart = isRead ? report.NeedStart : NeedStart,
        Changed = Changed + (report.Outcome == ReloadOutcome.Changed ? 1 : 0),
        Unchanged = Unchanged + (report.Outcome == ReloadOutcome.Unchanged ? 1 : 0),
        Refused = Refused + (report.Outcome == ReloadOutcome.Refused ? 1 : 0),
    };
}

using System.Globalization;
using ActorLb.Node.Revisions;
using ActorLb.Node.Topologies;

namespace ActorLb.Node.Admin;

/// <summary>What <c>POST /api/v1/topology</c> and <c>…/rollback/{n}</c> answer, and their problems beside what a problem has.</summary>
/// <param name="Outcome">in-force, spreads, unchanged, possible, impossible, no-majority, busy, other-revision or no-answer.</param>
/// <param name="Revision">Its number; null where it got none.</param>
/// <param name="Node">The node that took it.</param>
/// <param name="Fingerprint">Of what it comes to at the node that was asked, eight hexadecimal digits.</param>
/// <param name="Changes">At the node that was asked.</param>
/// <param name="Nodes">Those that have not said that they go by it, that cannot be reached, or whose change is under way.</param>
public sealed record RevisionDocument(
    string Outcome,
    long? Revision,
    string? Node,
    DateTimeOffset? At,
    string? Fingerprint,
    IReadOnlyList<ReloadDocument.Difference> Changes,
    IReadOnlyList<RevisionMistake> Mistakes,
    IReadOnlyList<string> Warnings,
    IReadOnlyList<string> Nodes)
{
    /// <summary>Nodes that go by it, each with the fingerprint of what it comes to there.</summary>
    public IReadOnlyList<NodeFingerprint> InForceAt { get; init; } = [];

    /// <summary>Members that cannot be reached: they take it when they can.</summary>
    public IReadOnlyList<string> Unreachable { get; init; } = [];

    /// <param name="Differs">It is another one than that of the node that was asked.</param>
    public sealed record NodeFingerprint(string Node, string Fingerprint, bool Differs);

    /// <summary>Of a problem (RFC 9457, 3.1).</summary>
    public string? Type { get; init; }

    /// <inheritdoc cref="Type"/>
    public string? Title { get; init; }

    /// <inheritdoc cref="Type"/>
    public int? Status { get; init; }

    /// <inheritdoc cref="Type"/>
    public string? Detail { get; init; }

    public static RevisionDocument Of(RevisionOutcome outcome) => new(
        Word(outcome.Verdict),
        outcome.Revision?.Number,
        outcome.Revision?.Node,
        outcome.Revision?.At,
        outcome.Fingerprint == 0 ? null : Written(outcome.Fingerprint),
        ReloadDocument.Difference.Of(outcome.Changes),
        outcome.Mistakes,
        outcome.Warnings,
        outcome.Nodes)
    {
        InForceAt = [.. outcome.InForceAt.Select(n => new NodeFingerprint(n.Node, Written(n.Fingerprint), n.Fingerprint != outcome.Fingerprint))],
        Unreachable = outcome.Unreachable,
        Detail = outcome.Detail.Length > 0 ? outcome.Detail : null,
    };

    internal static string Written(uint fingerprint) => fingerprint.ToString("x8", CultureInfo.InvariantCulture);

    private static string Word(RevisionVerdict verdict) => verdict switch
    {
        RevisionVerdict.InForce => "in-force",
        RevisionVerdict.Spreads => "spreads",
        RevisionVerdict.Unchanged => "unchanged",
        RevisionVerdict.Possible => "possible",
        RevisionVerdict.Impossible => "impossible",
        RevisionVerdict.NoMajority => "no-majority",
        RevisionVerdict.Busy => "busy",
        RevisionVerdict.OtherRevision => "other-revision",
        _ => "no-answer",
    };
}

/// <summary>What <c>GET /api/v1/topology/history</c> answers.</summary>
/// <param name="Node">Who answers.</param>
/// <param name="Problem">Why this node does not go by the one that counts; null: it does, or there is none.</param>
/// <param name="Revisions">The last ones, highest first.</param>
internal sealed record HistoryDocument(string Node, string? Problem, IReadOnlyList<HistoryDocument.Entry> Revisions)
{
    /// <param name="Name">By which it is asked for: its number, with @NODE where two sides of a partition gave the same.</param>
    /// <param name="Who">The token and the address that asked for it.</param>
    /// <param name="Release">It gives the files their say again, and has no text.</param>
    /// <param name="InForce">It is the one that counts in the cluster.</param>
    /// <param name="PassedOver">Another side gave the same number, and that one counts.</param>
    /// <param name="Note">Why it is there where nobody wrote it; null for none.</param>
    /// <param name="Text">HOCON with place holders for secrets; only where one is asked for.</param>
    public sealed record Entry(
        string Name,
        long Revision,
        string Node,
        DateTimeOffset At,
        string Who,
        bool Release,
        string Fingerprint,
        bool InForce,
        bool PassedOver,
        string? Note,
        string? Text);

    public static HistoryDocument Of(string node, RevisionStatus status) =>
        new(node, status.Problem, [.. status.History.All.Select(r => EntryOf(status.History, r, null))]);

    public static Entry EntryOf(RevisionHistory history, Revision revision, string? text)
    {
        bool isPassedOver = history.IsPassedOver(revision);
        string number = revision.Id.Number.ToString(CultureInfo.InvariantCulture);
        return new Entry(
            isPassedOver ? $"{number}@{revision.Id.Node}" : number,
            revision.Id.Number,
            revision.Id.Node,
            revision.Id.At,
            revision.Who,
            revision.IsRelease,
            RevisionDocument.Written(revision.Fingerprint),
            history.Head?.Id == revision.Id,
            isPassedOver,
            revision.Note.Length > 0 ? revision.Note : null,
            text);
    }
}

/// <summary>What <c>GET /api/v1/topology/diff?from=N&amp;to=M</c> answers.</summary>
/// <param name="To">Null: what is in force at the node that answers.</param>
internal sealed record RevisionDiffDocument(string From, string? To, IReadOnlyList<ReloadDocument.Difference> Differences)
{
    internal static RevisionDiffDocument Of(string from, string? to, IEnumerable<SettingDifference> differences) =>
        new(from, to, ReloadDocument.Difference.Of(differences));
}

/// <summary>What <c>GET /api/v1/topology?json</c> answers.</summary>
/// <param name="Revision">By which the answering node goes; null: by its files.</param>
/// <param name="Fingerprint">Of what is in force there, eight hexadecimal digits.</param>
/// <param name="Text">HOCON with place holders for secrets.</param>
internal sealed record ExportDocument(string Node, long? Revision, string Fingerprint, string Text);

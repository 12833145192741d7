using ActorLb.Engine;
using ActorLb.Engine.Routing;
using ActorLb.Node.Events;
using ActorLb.Node.Overlays;
using ActorLb.Node.Reloads;
using ActorLb.Node.Revisions;
using ActorLb.Node.Topologies;
using ActorLb.Shared.Backends;
using ActorLb.Shared.Messages;

namespace ActorLb.Node.Admin;

/// <summary>What <c>GET /api/v1/topology/diff</c> answers: what operators decided at run time, against what is written.</summary>
/// <param name="Overlays">Backends that were added or removed, or have another weight.</param>
/// <param name="States">Backends that drain or are in maintenance by an operator's decision.</param>
/// <param name="Differences">In which keys that which is in force differs from what is written.</param>
internal sealed record DiffDocument(
    string Node,
    DateTimeOffset Time,
    IReadOnlyList<DiffDocument.Overlay> Overlays,
    IReadOnlyList<DiffDocument.State> States,
    IReadOnlyList<DiffDocument.Difference> Differences)
{
    /// <param name="Change">added, weight or removed.</param>
    /// <param name="WrittenAddress">Null where it is not listed.</param>
    /// <param name="Note">What an operator should know: it has no effect, or what is written has changed since; null: nothing.</param>
    /// <param name="By">The node that took the decision.</param>
    public sealed record Overlay(
        string Pool,
        string Backend,
        string Change,
        string? Address,
        int? Weight,
        string? WrittenAddress,
        int? WrittenWeight,
        DateTimeOffset? Deadline,
        string? Note,
        string By,
        DateTimeOffset At,
        long Version)
    {
        /// <summary>Of one that was added: it takes new sessions only while no other backend of the pool does.</summary>
        public bool Backup { get; init; }

        /// <summary>Who asked for it; null: that is not known.</summary>
        public string? Who { get; init; }
    }

    /// <param name="Operator">draining or maintenance.</param>
    /// <param name="Note">What an operator should know: it has no effect now; null: nothing.</param>
    public sealed record State(string Pool, string Backend, string Operator, DateTimeOffset? Deadline, string By, long Version, string? Note)
    {
        /// <summary>Since when it holds; null: that is not known any more.</summary>
        public DateTimeOffset? At { get; init; }

        /// <summary>Who asked for it; null: that is not known.</summary>
        public string? Who { get; init; }
    }

    /// <param name="Key">Below actorlb.</param>
    /// <param name="Written">Null: it is not written.</param>
    /// <param name="InForce">Null: it is not in force.</param>
    public sealed record Difference(string Key, string? Written, string? InForce);

    /// <summary>The document of this moment.</summary>
    /// <param name="differences">What its reader may see of them.</param>
    public static DiffDocument Of(DataPlane plane, INodeView view, IEnumerable<SettingDifference> differences) => new(
        plane.Settings.Name,
        plane.Clock.UtcNow,
        [.. view.Overlays.OrderBy(o => o.Backend.Pool, StringComparer.Ordinal).ThenBy(o => o.Backend.Id, StringComparer.Ordinal).Select(o => Describe(view, o))],
        [
            .. from pool in plane.Routing.Pools.Values.OrderBy(p => p.Name, StringComparer.Ordinal)
               from backend in pool.Backends
               where IsDecided(pool, backend)
               select Describe(view, backend.Decision!, null),
            .. view.Decisions.Values
                .Where(d => IsOfNoBackend(d, plane))
                .OrderBy(d => d.Backend.Pool, StringComparer.Ordinal)
                .ThenBy(d => d.Backend.Id, StringComparer.Ordinal)
                .Select(d => Describe(view, d, "without effect: there is no such backend; it holds again when one is written")),
        ],
        [.. differences.Select(d => new Difference(d.Key, d.Old, d.New))]);

    /// <summary>An operator's decision about the state of a backend that is meant to be there holds.</summary>
    internal static bool IsDecided(PoolSnapshot pool, BackendSnapshot backend) =>
        backend.Decision is { State: not OperatorState.Ready } && pool.Settings.OverrideOf(backend.Id)?.Removal is null;

    /// <summary>A drain or maintenance of what is not there.</summary>
    internal static bool IsOfNoBackend(OperatorDecision decision, DataPlane plane) =>
        decision.State != OperatorState.Ready
        && plane.Routing.Pools.GetValueOrDefault(decision.Backend.Pool)?.Find(BackendKey.Of(decision.Backend.Id)) is null;

    private static State Describe(INodeView view, OperatorDecision decision, string? note)
    {
        DecisionTaken? taken = view.TakenOf(decision);
        return new State(decision.Backend.Pool, decision.Backend.Id, StatusDocument.Word(decision.State), decision.Deadline, decision.Node, decision.Version, note)
        {
            At = decision.DrainsSince ?? taken?.At,
            Who = taken?.Who,
        };
    }

    private static Overlay Describe(INodeView view, OverlayReport report) => new(
        report.Backend.Pool,
        report.Backend.Id,
        BackendDocument.Word(report.Kind),
        report.Address,
        report.Weight,
        report.WrittenAddress,
        report.WrittenWeight,
        report.Deadline,
        report.Note,
        report.Node,
        report.At,
        report.Version)
    {
        Backup = report.IsBackup,
        Who = view.TakenOf(report)?.Who,
    };
}

/// <summary>What <c>GET /api/v1/topology/diff?nodes</c> answers: in which keys the other members differ from the node that was asked.</summary>
/// <param name="Fingerprint">Of what is in force at the node that was asked.</param>
internal sealed record NodesDiffDocument(string Node, string Fingerprint, long? Revision, IReadOnlyList<NodesDiffDocument.Member> Nodes)
{
    /// <param name="State">same, differs, silent (it did not answer) or unreachable.</param>
    /// <param name="Revision">By which it goes; null: by its files.</param>
    /// <param name="More">Differences that are not listed.</param>
    public sealed record Member(string Node, string State, string? Fingerprint, long? Revision, IReadOnlyList<Difference> Differences, int More);

    /// <param name="Key">Below actorlb.</param>
    /// <param name="Here">At the node that was asked; null: it is not there.</param>
    /// <param name="There">At the other; null: it is not there.</param>
    public sealed record Difference(string Key, string? Here, string? There);

    internal static NodesDiffDocument Of(string node, uint fingerprint, RevisionStatus revisions, IEnumerable<NodeComparison> nodes) => new(
        node,
        RevisionDocument.Written(fingerprint),
        revisions is { Problem: null, History.Head: { IsRelease: false } head } ? head.Id.Number : null,
        [
            .. nodes.OrderBy(n => n.Node, StringComparer.Ordinal).Select(n => new Member(
                n.Node,
                Word(n.Outcome),
                n.Outcome is ComparisonOutcome.Same or ComparisonOutcome.Differs ? RevisionDocument.Written(n.Fingerprint) : null,
                n.Revision == 0 ? null : n.Revision,
                [.. n.Differences.Select(d => new Difference(d.Key, d.Old, d.New))],
                n.More)),
        ]);

    private static string Word(ComparisonOutcome outcome) => outcome switch
    {
        ComparisonOutcome.Same => "same",
        ComparisonOutcome.Differs => "differs",
        ComparisonOutcome.Silent => "silent",
        _ => "unreachable",
    };
}

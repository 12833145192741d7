using System.Collections.Immutable;
using ActorLb.Shared.Backends;
using ActorLb.Shared.Messages;
using Akka.DistributedData;

namespace ActorLb.Node.Operator;

/// <summary>
/// What the operator decided about each backend, as distributed data: the later version wins, and any order of merges
/// gives the same. Immutable. "Ready" is a decision like the others and stays, or an older drain would come back. What is about backends
/// that are gone is cut off by a horizon, as bindings are.
/// </summary>
internal sealed class OperatorDecisions : IReplicatedData<OperatorDecisions>, IEquatable<OperatorDecisions>
{
    public static readonly OperatorDecisions Empty = new(ImmutableDictionary<BackendName, OperatorDecision>.Empty, DateTimeOffset.MinValue);

    public static readonly OperatorDecisionsKey Key = new("operator-decisions");

    private OperatorDecisions(ImmutableDictionary<BackendName, OperatorDecision> byBackend, DateTimeOffset horizon)
    {
        ByBackend = byBackend;
        Horizon = horizon;
    }

    public ImmutableDictionary<BackendName, OperatorDecision> ByBackend { get; }

    /// <summary>Decisions about what is gone since before this time are forgotten, and not taken in again. Only grows.</summary>
    public DateTimeOffset Horizon { get; }

    public static OperatorDecisions Of(IEnumerable<OperatorDecision> decisions) =>
        decisions.Aggregate(Empty, (all, decision) => all.With(decision));

    /// <summary>The same where a later decision on that backend is known.</summary>
    public OperatorDecisions With(OperatorDecision decision) =>
        ByBackend.TryGetValue(decision.Backend, out OperatorDecision? known) && !IsLater(decision, known)
            ? this
            : new OperatorDecisions(ByBackend.SetItem(decision.Backend, decision), Horizon);

    public OperatorDecisions Merge(OperatorDecisions other)
    {
        (OperatorDecisions more, OperatorDecisions fewer) = ByBackend.Count >= other.ByBackend.Count ? (this, other) : (other, this);
        return fewer.ByBackend.Values.Aggregate(more, (all, decision) => all.With(decision)).Cut(fewer.Horizon).Cut(more.Horizon);
    }

    /// <summary>Without what is gone since before the horizon, or an earlier one.</summary>
    public OperatorDecisions Cut(DateTimeOffset horizon)
    {
        DateTimeOffset later = horizon > Horizon ? horizon : Horizon;
        BackendName[] forgotten = [.. ByBackend.Values.Where(d => d.GoneSince < later).Select(d => d.Backend)];
        return forgotten.Length == 0 && later == Horizon ? this : new OperatorDecisions(ByBackend.RemoveRange(forgotten), later);
    }

    IReplicatedData IReplicatedData.Merge(IReplicatedData other) => Merge((OperatorDecisions)other);

    public bool Equals(OperatorDecisions? other) =>
        other is not null
        && Horizon == other.Horizon
        && ByBackend.Count == other.ByBackend.Count
        && ByBackend.All(p => other.ByBackend.TryGetValue(p.Key, out OperatorDecision? decision) && decision == p.Value);

    public override bool Equals(object? obj) => Equals(obj as OperatorDecisions);

    public override int GetHashCode() =>
        ByBackend.Aggregate(0, (hash, p) => hash ^ HashCode.Combine(p.Key, p.Value.Version, p.Value.Node));

    // The last lines never differ between honest nodes; they make the merge total, whatever is on the wire.
    private static bool IsLater(OperatorDecision left, OperatorDecision right)
    {
        int order = left.Version.CompareTo(right.Version);
        order = order != 0 ? order : string.CompareOrdinal(left.Node, right.Node);
        order = order != 0 ? order : left.State.CompareTo(right.State);
        order = order != 0 ? order : Nullable.Compare(left.Deadline, right.Deadline);
        order = order != 0 ? order : Nullable.Compare(left.DrainsSince, right.DrainsSince);
        order = order != 0 ? order : Nullable.Compare(left.Moves?.Begins, right.Moves?.Begins);
        order = order != 0 ? order : Nullable.Compare(left.Moves?.Over, right.Moves?.Over);
        order = order != 0 ? order : Nullable.Compare(left.Moves?.Rate, right.Moves?.Rate);
        order = order != 0 ? order : Nullable.Compare(left.GoneSince, right.GoneSince);
        return order > 0;
    }
}

/// <summary>Where the decisions are kept in distributed data.</summary>
internal sealed class OperatorDecisionsKey(string id) : Key<OperatorDecisions>(id);

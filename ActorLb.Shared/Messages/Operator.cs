using System.Collections.Immutable;
using ActorLb.Shared.Backends;

namespace ActorLb.Shared.Messages;

/// <summary>What the operator decided about one backend. The later decision wins, over all nodes.</summary>
/// <param name="Deadline">When bound sessions are rebound all the same, by the time that the nodes agree on; draining only.</param>
/// <param name="Version">One more than the decision that it replaces; with equal ones the higher node name wins.</param>
public sealed record OperatorDecision(
    BackendName Backend, OperatorState State, DateTimeOffset? Deadline, long Version, string Node);

/// <summary>The operator wants this state for a backend. Answered by <see cref="BackendStateSet"/>.</summary>
public sealed record SetBackendState(BackendName Backend, OperatorState State, TimeSpan? DrainFor);

/// <summary>
/// The decision holds here and wherever <see cref="NotInForce"/> does not say otherwise, and is on disk at a majority unless
/// <paramref name="ByMajority"/> is false (it then spreads later).
/// </summary>
public sealed record BackendStateSet(OperatorDecision Decision, bool ByMajority)
{
    /// <summary>Nodes at which it holds, but would not after a restart.</summary>
    public ImmutableArray<string> NotOnDisk { get; init; } = [];

    /// <summary>Members that have not said that they go by it: what they send may still be as before.</summary>
    public ImmutableArray<string> NotInForce { get; init; } = [];
}

/// <summary>All decisions as this node knows them now. Within a node.</summary>
public sealed record OperatorDecisionsChanged(ImmutableDictionary<BackendName, OperatorDecision> Decisions);

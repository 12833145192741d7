using System.Collections.Immutable;
using ActorLb.Shared.Backends;
using ActorLb.Shared.Sessions;
using ActorLb.Shared.Settings;

namespace ActorLb.Shared.Messages;

/// <summary>What the operator decided about one backend. The later decision wins, over all nodes.</summary>
/// <param name="Deadline">When bound sessions are rebound all the same, by the time that the nodes agree on; draining only.</param>
/// <param name="Version">One more than the decision that it replaces; with equal ones the higher node name wins.</param>
public sealed record OperatorDecision(
    BackendName Backend, OperatorState State, DateTimeOffset? Deadline, long Version, string Node)
{
    /// <summary>When the drain began, by the time that the nodes agree on: one that is decided anew goes on. Draining only.</summary>
    public DateTimeOffset? DrainsSince { get; init; }

    /// <summary>When its sessions leave although it could go on serving them; null: each when it ends. Draining only.</summary>
    public SessionMoves? Moves { get; init; }

    /// <summary>Since when it is known that no node has the backend: it is forgotten some days later. Null: some node has it, or had it lately.</summary>
    public DateTimeOffset? GoneSince { get; init; }

    /// <summary>By which a backend drains that an operator removed.</summary>
    public static OperatorDecision Of(BackendName backend, BackendRemoval removal) =>
        new(backend, OperatorState.Draining, removal.Deadline, removal.Version, removal.Node) { DrainsSince = removal.At, Moves = removal.Moves };
}

/// <summary>The operator wants this state for a backend. Answered by <see cref="BackendStateSet"/>.</summary>
/// <param name="DrainFor">How long bound sessions may stay; null: as long as the pool's settings say.</param>
public sealed record SetBackendState(BackendName Backend, OperatorState State, TimeSpan? DrainFor)
{
    /// <summary>Its sessions move now. Draining only.</summary>
    public bool Move { get; init; }

    /// <summary>The operator, in words for people; null: that is not known. Part of no decision: this message leaves no node.</summary>
    public string? Who { get; init; }

    /// <summary>So many a second over the whole cluster, up to <see cref="SessionMoves.RateMax"/>; null: all at once.</summary>
    public int? Rate { get; init; }
}

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

using System.Collections.Immutable;
using ActorLb.Shared.Backends;
using ActorLb.Shared.Sessions;

namespace ActorLb.Node.Sessions.Decisions;

/// <summary>What do the nodes know of a session? To the node's SessionDecisionsActor, answered by <see cref="SessionSought"/>.</summary>
/// <param name="Pool">Null: of whichever pool.</param>
internal sealed record SeekSession(string? Pool, SessionId Id);

/// <param name="Nodes">Who answered, this node first.</param>
/// <param name="Silent">Members that can be reached and did not answer in time.</param>
/// <param name="Unreachable">Members that cannot.</param>
internal sealed record SessionSought(ImmutableArray<SessionAtNode> Nodes, ImmutableArray<string> Silent, ImmutableArray<string> Unreachable);

/// <summary>What does the node know of a session? Answered by <see cref="SessionAtNode"/>.</summary>
/// <param name="Pool">Empty: of whichever pool.</param>
internal sealed record AskSession(string Pool, SessionId Id);

/// <param name="Known">As its tables have it, by pool; empty: they have it not.</param>
internal sealed record SessionAtNode(string Node, SessionId Id, ImmutableArray<KnownSession> Known);

/// <param name="IsReplicated">Distributed data has it so at that node; else it is that node's own word.</param>
internal sealed record KnownSession(string Pool, Binding Binding, bool IsReplicated);

/// <summary>An operator wants a session forgotten. To the node's SessionDecisionsActor, answered by <see cref="SessionDecided"/>.</summary>
/// <param name="Known">Where it lives as far as who asks knows; null: that is not known.</param>
internal sealed record EndSession(string Pool, SessionId Id, Binding? Known);

/// <summary>An operator wants a session to live elsewhere. To the node's SessionDecisionsActor, answered by <see cref="SessionDecided"/>.</summary>
/// <param name="Known">Where it lives as far as who asks knows.</param>
/// <param name="From">It moves only while it lives there; None: wherever it lives.</param>
/// <param name="To">None: where the pool's hash says.</param>
internal sealed record MoveSessionTo(string Pool, Binding Known, BackendKey From, BackendKey To)
{
    /// <summary>The operator, in words for people; null: that is not known.</summary>
    public string? Who { get; init; }
}

/// <param name="Before">As it was known before; its backend is None where that is not known.</param>
/// <param name="Now">As it is in force at the node that took the decision.</param>
/// <param name="ByMajority">A majority of the nodes has it on disk.</param>
internal sealed record SessionDecided(SessionOutcome Outcome, Binding Before, Binding Now, bool ByMajority)
{
    /// <summary>Nodes at which it holds, but would not after a restart.</summary>
    public ImmutableArray<string> NotOnDisk { get; init; } = [];

    /// <summary>Members that have not said that they go by it.</summary>
    public ImmutableArray<string> NotInForce { get; init; } = [];
}

internal enum SessionOutcome
{
    Ended,
    Moved,

    /// <summary>It was so already, or lives no longer where it was to leave.</summary>
    Unchanged,

    /// <summary>It was to move, and an operator has ended it.</summary>
    HasEnded,

    /// <summary>No backend may take it; nothing was changed.</summary>
    NobodyTakesIt,

    /// <summary>The table is full; nothing was changed.</summary>
    NoPlace,
}

/// <summary>
/// How a session is from now on, by an operator's decision. From the node that took it to the SessionDecisionsActor of every node, again and
/// again until that says that it goes by it: answered by DecisionKept.
/// </summary>
internal sealed record GoBySession(BucketId Bucket, Binding Binding);

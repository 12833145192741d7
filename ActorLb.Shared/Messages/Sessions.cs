using System.Collections.Immutable;
using ActorLb.Shared.Backends;
using ActorLb.Shared.Sessions;

namespace ActorLb.Shared.Messages;

/// <summary>A message to the owner of one bucket of sessions.</summary>
public interface IBucketMessage
{
    BucketId Bucket { get; }
}

/// <summary>
/// Bindings that a node took from valid tickets, or made alone while the owner was silent. The owner merges them
/// and replicates what is new; where it knows newer ones, it answers with <see cref="SessionsKnown"/>.
/// </summary>
public sealed record AdoptSessions(BucketId Bucket, ImmutableArray<Binding> Bindings) : IBucketMessage;

/// <summary>When sessions were last used, as one node saw it (Binding.LastSeen; the rest of the binding as known there).</summary>
public sealed record TouchSessions(BucketId Bucket, ImmutableArray<Binding> Bindings) : IBucketMessage;

/// <summary>
/// The session's backend is gone: decide once where it lives now. Compare and swap: the owner moves it only if it
/// still is where <paramref name="Known"/> says, and otherwise answers with the newer binding that it has.
/// Answered by <see cref="SessionRebound"/>.
/// </summary>
/// <param name="Known">The binding as the asking node knows it, from its table or from the ticket.</param>
/// <param name="Failed">A backend that the asking node just failed to reach; None where its snapshot alone said so.</param>
public sealed record RebindSession(BucketId Bucket, Binding Known, BackendKey Failed) : IBucketMessage;

/// <summary>The owner's answer: where the session lives. Backend None: the pool has no backend for it.</summary>
/// <param name="IsNew">The question moved it; owners of earlier versions do not say whether.</param>
public sealed record SessionRebound(Binding Binding, bool IsNew = true);

/// <summary>
/// An operator wants the session to live elsewhere. Compare and swap, as with <see cref="RebindSession"/>; answered by <see cref="SessionRebound"/>
/// with the binding in force then, whose backend is None where nobody takes it.
/// </summary>
/// <param name="Known">The binding as the asking node knows it.</param>
/// <param name="From">It moves only while it lives there; None: wherever it lives.</param>
/// <param name="To">None: where the pool's hash says.</param>
public sealed record MoveSession(BucketId Bucket, Binding Known, BackendKey From, BackendKey To) : IBucketMessage;

/// <summary>Sessions of the bucket may be due to leave their backends: the owner looks, moves them, and goes on by itself.</summary>
public sealed record MoveDueSessions(BucketId Bucket) : IBucketMessage;

/// <summary>A node does not know a session that a client presents: does its owner? Answered by <see cref="SessionFound"/>.</summary>
public sealed record FindSession(BucketId Bucket, SessionId Session) : IBucketMessage;

/// <summary>Where the session lives. Backend None: its owner does not know it, either.</summary>
public sealed record SessionFound(Binding Binding);

/// <summary>
/// Sessions whose clients are about to get their cookies from backends, and will send them back at any node. Between nodes;
/// answered by <see cref="SessionsShared"/>.
/// </summary>
/// <param name="Round">The sender's own count.</param>
public sealed record ShareSessions(long Round, ImmutableArray<PoolSessions> Pools);

/// <summary>Sessions of one pool.</summary>
public readonly record struct PoolSessions(string Pool, ImmutableArray<Binding> Sessions);

/// <summary>This node knows them.</summary>
public sealed record SessionsShared(long Round);

/// <summary>The owner knows newer bindings than the node that sent them.</summary>
public sealed record SessionsKnown(BucketId Bucket, ImmutableArray<Binding> Bindings);

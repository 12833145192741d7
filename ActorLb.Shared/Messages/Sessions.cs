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
public sealed record SessionRebound(Binding Binding);

/// <summary>Sessions of the bucket may be due to leave their backends: the owner looks, moves them, and goes on by itself.</summary>
public sealed record MoveDueSessions(BucketId Bucket) : IBucketMessage;

/// <summary>The owner knows newer bindings than the node that sent them.</summary>
public sealed record SessionsKnown(BucketId Bucket, ImmutableArray<Binding> Bindings);

using System.Collections.Immutable;
using ActorLb.Shared.Backends;

namespace ActorLb.Shared.Messages;

/// <summary>A backend of a node's own: it is written there, or one of its names leads to it, or it was so and still has sessions.</summary>
/// <param name="Address">Scheme http or https, host and port; no path.</param>
/// <param name="LeftAt">Since when it drains because it is no longer written, by the time that the nodes agree on; null: it is.</param>
public sealed record KnownBackend(BackendName Backend, Uri Address, DateTimeOffset? LeftAt = null);

/// <summary>All of them. To all nodes, when it changes and now and then: what a session is bound to, another node may not know yet.</summary>
public sealed record BackendsKnown(string Node, ImmutableArray<KnownBackend> Backends);

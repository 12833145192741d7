using System.Collections.Immutable;
using ActorLb.Shared.Backends;

namespace ActorLb.Shared.Messages;

/// <summary>A backend of a node's own: it is written there, or one of its names leads to it.</summary>
/// <param name="Address">Scheme http or https, host and port; no path.</param>
public sealed record KnownBackend(BackendName Backend, Uri Address);

/// <summary>All of them. To all nodes, when it changes and now and then: what a session is bound to, another node may not know yet.</summary>
public sealed record BackendsKnown(string Node, ImmutableArray<KnownBackend> Backends);

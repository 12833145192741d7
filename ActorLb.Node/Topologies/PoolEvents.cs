using ActorLb.Shared.Settings;

namespace ActorLb.Node.Topologies;

/// <summary>The pool with the settings and the backends that it has now. Within a node; may be told where nothing changed.</summary>
internal sealed record PoolChanged(PoolSettings Pool);

/// <summary>The topology has no such pool any more. Within a node.</summary>
internal sealed record PoolRemoved(string Pool);

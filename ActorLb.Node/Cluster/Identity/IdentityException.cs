namespace ActorLb.Node.Cluster.Identity;

/// <summary>What the settings name as this node's identity cannot be used; the message says why.</summary>
internal sealed class IdentityException(string message, Exception? cause = null) : Exception(message, cause);

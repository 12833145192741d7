namespace ActorLb.Node.Sessions.Ownership;

/// <summary>An owner began or ended on this node. Within a node, by the event stream.</summary>
internal sealed record OwnerLives(int Shard, bool Begins);

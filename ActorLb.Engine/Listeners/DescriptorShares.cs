namespace ActorLb.Engine.Listeners;

/// <summary>What a node may do with its descriptors.</summary>
/// <param name="Clients">Connections of clients at a time, over all listeners; as many to backends are in use by them.</param>
/// <param name="Kept">Unused connections to backends, of both lanes.</param>
/// <param name="Reserve">What neither of them gets.</param>
public sealed record DescriptorShares(int Clients, int Kept, int Reserve);

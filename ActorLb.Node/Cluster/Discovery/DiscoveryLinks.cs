using System.Collections.Immutable;
using ActorLb.Shared.Settings;

namespace ActorLb.Node.Cluster.Discovery;

/// <summary>What of discovery outlives one actor system: the outsider, the addresses of nodes that were met, and counts.</summary>
internal sealed class DiscoveryLinks(Outsider outsider, INameResolver resolver)
{
    private long _formed;
    private long _moved;

    public Outsider Outsider { get; } = outsider;

    public INameResolver Resolver { get; } = resolver;

    /// <summary>Addresses of the settings and of every node that this process has met. Written by DiscoveryActor.</summary>
    public ImmutableArray<HostPort> Remembered { get; set; } = [];

    /// <summary>Clusters that this node formed.</summary>
    public long ClustersFormed => Interlocked.Read(ref _formed);

    /// <summary>How often this node left its cluster for a better one.</summary>
    public long ClustersLeft => Interlocked.Read(ref _moved);

    public void Formed() => Interlocked.Increment(ref _formed);

    public void Moved() => Interlocked.Increment(ref _moved);
}

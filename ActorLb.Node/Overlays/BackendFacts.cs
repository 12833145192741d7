using ActorLb.Engine.Routing;
using ActorLb.Node.Topologies;
using ActorLb.Shared.Backends;
using ActorLb.Shared.Settings;

namespace ActorLb.Node.Overlays;

/// <summary>What a node knows when an operator decides about a backend.</summary>
/// <param name="Topology">Its layers.</param>
/// <param name="Routing">What requests read: also what names lead to, and what still drains.</param>
/// <param name="Now">By the time that the nodes agree on, in whole milliseconds.</param>
internal sealed record BackendFacts(TopologyState Topology, RoutingSnapshot Routing, DateTimeOffset Now, string Node)
{
    public WrittenBackend? Written(BackendName backend) => WrittenBackend.Of(Topology.Written, backend);

    /// <exception cref="BackendChangeException">There is no such pool.</exception>
    public PoolSettings Pool(string pool) => Topology.InForce.Pools.GetValueOrDefault(pool)
        ?? throw new BackendChangeException("unknown-pool", $"No pool is called \"{pool}\"; there {(Topology.InForce.Pools.Count == 1 ? "is" : "are")} {string.Join(", ", Topology.InForce.Pools.Keys.Order(StringComparer.Ordinal))}.");

    /// <summary>Those that are meant to be there: listed, added, or where a name leads; and those that only other nodes know.</summary>
    public IEnumerable<BackendSettings> There(string pool) => Pool(pool).Backends.Concat(
        Unlisted(pool).Where(b => b.LeftAt is null));

    /// <summary>One that drains because it is none any more.</summary>
    public BackendSettings? Leaving(BackendName backend) => Unlisted(backend.Pool).FirstOrDefault(b => b.Id == backend.Id && b.LeftAt is not null);

    private IEnumerable<BackendSettings> Unlisted(string pool)
    {
        PoolSettings listed = Pool(pool);
        return Routing.Pools.GetValueOrDefault(pool)?.Settings.Backends.Where(b => listed.Backends.All(l => l.Id != b.Id)) ?? [];
    }
}

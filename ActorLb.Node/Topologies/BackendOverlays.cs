using System.Collections.Immutable;
using ActorLb.Shared.Backends;
using ActorLb.Shared.Settings;

namespace ActorLb.Node.Topologies;

/// <summary>The operators' layer: what they decided about backends while the nodes run. Immutable, pure.</summary>
internal sealed class BackendOverlays
{
    public static readonly BackendOverlays None = new(ImmutableDictionary<BackendName, BackendOverlay>.Empty);

    private BackendOverlays(ImmutableDictionary<BackendName, BackendOverlay> all) => All = all;

    public ImmutableDictionary<BackendName, BackendOverlay> All { get; }

    /// <summary>With another decision on one backend; <see cref="BackendOverlay.None"/> takes it back.</summary>
    public BackendOverlays With(BackendName backend, BackendOverlay overlay) =>
        new(overlay == BackendOverlay.None ? All.Remove(backend) : All.SetItem(backend, overlay));

    /// <summary>What is in force where this lies over it. A decision about what is not there has no effect, and stays.</summary>
    public Topology Over(Topology written)
    {
        Topology topology = written;
        foreach (IGrouping<string, KeyValuePair<BackendName, BackendOverlay>> group in All.GroupBy(o => o.Key.Pool))
        {
            if (topology.Pools.TryGetValue(group.Key, out PoolSettings? pool))
            {
                PoolSettings changed = Over(pool, group.ToDictionary(o => o.Key.Id, o => o.Value, StringComparer.Ordinal));
                topology = changed == pool ? topology : topology with { Pools = topology.Pools.SetItem(pool.Name, changed) };
            }
        }

        return topology;
    }

    private static PoolSettings Over(PoolSettings pool, Dictionary<string, BackendOverlay> overlays)
    {
        var written = pool.Backends.Select(b => b.Id).ToHashSet(StringComparer.Ordinal);
        bool IsThere(string id) => written.Contains(id) || overlays[id].Added is not null;
        IEnumerable<BackendSettings> added = overlays
            .OrderBy(o => o.Key, StringComparer.Ordinal)
            .Select(o => o.Value.Added)
            .OfType<BackendSettings>()
            .Where(b => !written.Contains(b.Id));
        return pool with
        {
            Backends =
            [
                .. pool.Backends.Concat(added)
                    .Where(b => overlays.GetValueOrDefault(b.Id)?.Removal is null)
                    .Select(b => overlays.GetValueOrDefault(b.Id)?.Weight is { } weight ? b with { Weight = weight } : b),
            ],
            Overrides =
            [
                .. overlays
                    .Where(o => o.Value.Removal is not null || (o.Value.Weight is not null && !pool.Names.IsEmpty && !IsThere(o.Key)))
                    .OrderBy(o => o.Key, StringComparer.Ordinal)
                    .Select(o => new BackendOverride(o.Key) { Weight = o.Value.Weight, Removal = o.Value.Removal }),
            ],
        };
    }
}

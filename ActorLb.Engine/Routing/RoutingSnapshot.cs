using System.Collections.Immutable;
using ActorLb.Shared.Routing;
using ActorLb.Shared.Settings;

namespace ActorLb.Engine.Routing;

/// <summary>
/// Everything that one request may know about routes, pools, backends, health and operator states. Immutable;
/// a request keeps the one that it took. Replaced as a whole; what did not change is shared with the one before.
/// </summary>
public sealed class RoutingSnapshot
{
    // Of both one per pool and per route: so that a pool is replaced at one place, however many routes lead to it.
    private readonly Dictionary<string, int> _places;
    private readonly int[] _placeOfRoute;
    private readonly ReplaceableArray<PoolSnapshot> _pools;

    /// <param name="routes">Those of the topology.</param>
    public RoutingSnapshot(Topology topology, RouteTable routes, ImmutableDictionary<string, PoolSnapshot> pools)
    {
        Topology = topology;
        Routes = routes;
        Pools = pools;
        BackendCount = pools.Values.Sum(p => p.Backends.Length);
        _pools = new ReplaceableArray<PoolSnapshot>(pools.Values);
        _places = pools.Keys.Index().ToDictionary(p => p.Item, p => p.Index);
        _placeOfRoute = [.. routes.Routes.Select(r => _places[r.Pool])];
        OnlyPool = Only();
    }

    private RoutingSnapshot(RoutingSnapshot before, int place, PoolSnapshot pool)
    {
        Topology = before.Topology;
        Routes = before.Routes;
        _places = before._places;
        _placeOfRoute = before._placeOfRoute;
        _pools = before._pools.With(place, pool);
        Pools = before.Pools.SetItem(pool.Name, pool);
        BackendCount = before.BackendCount + pool.Backends.Length - before._pools[place].Backends.Length;
        OnlyPool = Only();
    }

    /// <summary>What all of it was made from.</summary>
    public Topology Topology { get; }

    public ImmutableDictionary<string, PoolSnapshot> Pools { get; }

    /// <summary>Of all pools.</summary>
    public int BackendCount { get; }

    internal RouteTable Routes { get; }

    /// <summary>The pool that every request goes to, whatever it is; null where routes decide.</summary>
    public PoolSnapshot? OnlyPool { get; }

    /// <summary>The pool of a request, or null where no route fits.</summary>
    /// <inheritdoc cref="RouteTable.Find"/>
    public PoolSnapshot? PoolFor<T>(ReadOnlySpan<char> host, ReadOnlySpan<char> path, T conditions)
        where T : IRouteConditions, allows ref struct =>
        Routes.Find(host, path, conditions) is >= 0 and var route ? _pools[_placeOfRoute[route]] : null;

    /// <summary>The same with another state of a pool.</summary>
    public RoutingSnapshot With(PoolSnapshot pool) => _places.TryGetValue(pool.Name, out int place)
        ? new(this, place, pool)
        : new(Topology, Routes, Pools.SetItem(pool.Name, pool));

    private PoolSnapshot? Only() => Routes.TakesEverything ? _pools[_placeOfRoute[0]] : null;
}

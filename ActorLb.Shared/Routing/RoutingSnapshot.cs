using System.Collections.Immutable;

namespace ActorLb.Shared.Routing;

/// <summary>
/// Everything that one request may know about routes, pools, backends, health and operator states. Immutable;
/// a request keeps the one that it took. Replaced as a whole; what did not change is shared with the one before.
/// </summary>
public sealed class RoutingSnapshot
{
    private readonly RouteTable _routes;

    // Of both one per pool and per route: so that a pool is replaced at one place, however many routes lead to it.
    private readonly Dictionary<string, int> _places;
    private readonly int[] _placeOfRoute;
    private readonly ReplaceableArray<PoolSnapshot> _pools;

    public RoutingSnapshot(RouteTable routes, ImmutableDictionary<string, PoolSnapshot> pools)
    {
        _routes = routes;
        Pools = pools;
        BackendCount = pools.Values.Sum(p => p.Backends.Length);
        _pools = new ReplaceableArray<PoolSnapshot>(pools.Values);
        _places = pools.Keys.Index().ToDictionary(p => p.Item, p => p.Index);
        _placeOfRoute = [.. routes.Routes.Select(r => _places[r.Pool])];
        OnlyPool = Only();
    }

    private RoutingSnapshot(RoutingSnapshot before, int place, PoolSnapshot pool)
    {
        _routes = before._routes;
        _places = before._places;
        _placeOfRoute = before._placeOfRoute;
        _pools = before._pools.With(place, pool);
        Pools = before.Pools.SetItem(pool.Name, pool);
        BackendCount = before.BackendCount + pool.Backends.Length - before._pools[place].Backends.Length;
        OnlyPool = Only();
    }

    public ImmutableDictionary<string, PoolSnapshot> Pools { get; }

    /// <summary>Of all pools.</summary>
    public int BackendCount { get; }

    /// <summary>The pool that every request goes to, whatever its host and path; null where these decide.</summary>
    public PoolSnapshot? OnlyPool { get; }

    /// <summary>The pool of a request, or null where no route fits.</summary>
    /// <inheritdoc cref="RouteTable.Find"/>
    public PoolSnapshot? PoolFor(ReadOnlySpan<char> host, ReadOnlySpan<char> path) =>
        _routes.Find(host, path) is >= 0 and var route ? _pools[_placeOfRoute[route]] : null;

    /// <summary>The same with another state of a pool.</summary>
    public RoutingSnapshot With(PoolSnapshot pool) => _places.TryGetValue(pool.Name, out int place)
        ? new(this, place, pool)
        : new(_routes, Pools.SetItem(pool.Name, pool));

    private PoolSnapshot? Only() => _routes.TakesEverything ? _pools[_placeOfRoute[0]] : null;
}

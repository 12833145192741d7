using System.Collections.Immutable;
using ActorLb.Engine.Filters;
using ActorLb.Engine.Measurements;
using ActorLb.Engine.Rates;
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
    private readonly RouteFilters?[] _filters;
    private readonly PoolSplit?[] _splits;
    private readonly RouteMeasurements[] _measured;
    private readonly ReplaceableArray<PoolSnapshot> _pools;

    private readonly FilterParts _parts;

    /// <param name="routes">Those of the topology.</param>
    /// <param name="parts">Of which routes' filters are made.</param>
    /// <param name="measured">Where the requests of each route are counted.</param>
    /// <param name="before">What it replaces: routes that are as they were go on counting where they were. Null: nothing.</param>
    internal RoutingSnapshot(
        Topology topology,
        RouteTable routes,
        ImmutableDictionary<string, PoolSnapshot> pools,
        FilterParts parts,
        RouteMeasurements[] measured,
        RoutingSnapshot? before = null)
    {
        _parts = parts;
        _measured = measured;
        Topology = topology;
        Routes = routes;
        Pools = pools;
        BackendCount = pools.Values.Sum(p => p.Backends.Length);
        _pools = new ReplaceableArray<PoolSnapshot>(pools.Values);
        _places = pools.Keys.Index().ToDictionary(p => p.Item, p => p.Index);
        _placeOfRoute = [.. routes.Routes.Select(r => r.Filters.Answers || r.Shares.Length > 0 ? -1 : _places[r.Pool])];
        _splits = [.. routes.Routes.Select(r => r.Shares.IsEmpty ? null : new PoolSplit(r.Shares, _places))];
        Dictionary<RouteSettings, RouteFilters> known = before?.FiltersByRoute() ?? [];
        _filters = [.. routes.Routes.Select(r => known.GetValueOrDefault(r) ?? RouteFilters.Of(r, parts))];
        ClusterLimits = [.. _filters.Select(f => f?.SharedLimit).OfType<ShareTable>()];
        Only = OnlyRoute();
    }

    private RoutingSnapshot(RoutingSnapshot before, int place, PoolSnapshot pool)
    {
        _parts = before._parts;
        Topology = before.Topology;
        Routes = before.Routes;
        _places = before._places;
        _placeOfRoute = before._placeOfRoute;
        _filters = before._filters;
        ClusterLimits = before.ClusterLimits;
        _splits = before._splits;
        _pools = before._pools.With(place, pool);
        Pools = before.Pools.SetItem(pool.Name, pool);
        BackendCount = before.BackendCount + pool.Backends.Length - before._pools[place].Backends.Length;
        _measured = before._measured;
        Only = OnlyRoute();
    }

    /// <summary>What all of it was made from.</summary>
    public Topology Topology { get; }

    public ImmutableDictionary<string, PoolSnapshot> Pools { get; }

    /// <summary>Of all pools.</summary>
    public int BackendCount { get; }

    internal RouteTable Routes { get; }

    /// <summary>Of routes, those that the whole cluster has.</summary>
    internal ImmutableArray<ShareTable> ClusterLimits { get; }

    /// <summary>How many requests each route with a rate-limit has refused, by its host and path.</summary>
    public IEnumerable<KeyValuePair<string, long>> RateRefusals => Routes.Routes
        .Zip(_filters)
        .Where(r => r.Second?.RateRefusals is not null)
        .Select(r => KeyValuePair.Create(r.First.Host + r.First.Path, r.Second!.RateRefusals!.Value));

    /// <summary>The pool that every request goes to, whatever it is, and with nothing done to it; null where routes decide.</summary>
    public PoolSnapshot? OnlyPool => Only.Pool;

    /// <summary>The route to it; none where routes decide.</summary>
    internal ChosenRoute Only { get; }

    /// <summary>What the route of a request says; nothing where none fits.</summary>
    /// <inheritdoc cref="RouteTable.Find"/>
    internal ChosenRoute Find<T>(ReadOnlySpan<char> host, ReadOnlySpan<char> path, T conditions)
        where T : IRouteConditions, allows ref struct =>
        Routes.Find(host, path, conditions) is >= 0 and var route
            ? _placeOfRoute[route] is >= 0 and var place ? new(_pools[place], _filters[route], Measured: _measured[route])
                : new(null, _filters[route], _splits[route], this, _measured[route])
            : default;

    /// <param name="place">Of the pools of <see cref="PoolSplit"/>.</param>
    internal PoolSnapshot PoolAt(int place) => _pools[place];

    /// <summary>The same with another state of a pool.</summary>
    public RoutingSnapshot With(PoolSnapshot pool) => _places.TryGetValue(pool.Name, out int place)
        ? new(this, place, pool)
        : new(Topology, Routes, Pools.SetItem(pool.Name, pool), _parts, _measured, this);

    private Dictionary<RouteSettings, RouteFilters> FiltersByRoute() =>
        Routes.Routes.Zip(_filters).Where(r => r.Second is not null).DistinctBy(r => r.First).ToDictionary(r => r.First, r => r.Second!);

    private ChosenRoute OnlyRoute() =>
        Routes.TakesEverything && _filters[0] is null && _splits[0] is null ? new(_pools[_placeOfRoute[0]], null, Measured: _measured[0]) : default;
}

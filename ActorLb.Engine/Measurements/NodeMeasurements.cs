using System.Collections.Concurrent;
using ActorLb.Shared.Backends;
using ActorLb.Shared.Settings;

namespace ActorLb.Engine.Measurements;

/// <summary>
/// What a node counts of its requests, by route and by backend; what a pool has is found when it is read. Counting is for the lanes: each event loop
/// by its own slot. What is removed from the topology is forgotten, and what stays goes on counting. Any thread.
/// </summary>
/// <param name="pools">Those that there are now, by pool: id, and what this node knows of it.</param>
public sealed class NodeMeasurements(Func<IEnumerable<(string Pool, IReadOnlyList<(string Id, BackendTraffic Traffic)> Backends)>> pools)
{
    // Of requests that no backend was asked for, and of backends that are gone: the rest of a pool is what its backends have.
    private readonly ConcurrentDictionary<string, RequestMeasurements> _pools = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<BackendTraffic, BackendMeasurements> _backends = new();
    private readonly RouteMeasurements _unrouted = new("");

    // Replaced whole by Follow.
    private volatile Dictionary<string, RouteMeasurements> _routes = [];
    private int _slots = Environment.ProcessorCount;

    /// <summary>Counts since the node's start. Costs a little for each route and backend: not for every request.</summary>
    public NodeFigures Read()
    {
        var there = pools().OrderBy(p => p.Pool, StringComparer.Ordinal).ToList();
        HashSet<string> names = [.. there.Select(p => p.Pool), RouteMeasurements.NoPool];
        foreach (string gone in _pools.Keys.Where(p => !names.Contains(p)))
        {
            _pools.TryRemove(gone, out _);
        }

        foreach (BackendTraffic gone in _backends.Keys.Where(t => t.IsForgotten))
        {
            Forget(gone);
        }

        // Those that are in no pool any more and have something open are still what their pool has counted.
        var backends = _backends.ToDictionary(b => b.Key, b => (b.Value.Pool, Requests: b.Value.Requests.Read()));
        ILookup<string, RequestFigures> ofPools = backends.Values.ToLookup(b => b.Pool, b => b.Requests, StringComparer.Ordinal);
        return new NodeFigures(
            [
                .. _routes.Values.Append(_unrouted).OrderBy(r => r.Name, StringComparer.Ordinal)
                    .SelectMany(r => r.Pools.Where(p => names.Contains(p.Pool)).Select(p => new RouteFigures(r.Name, p.Pool, p.Requests.Read(), p.Requests.Exemplars))),
            ],
            [.. there.Select(p => new PoolFigures(p.Pool, ofPools[p.Pool].Aggregate(_pools.GetValueOrDefault(p.Pool)?.Read() ?? RequestFigures.Empty, (sum, its) => sum.Add(its))))],
            [.. there.SelectMany(p => p.Backends.Select(b => new BackendFigures(p.Pool, b.Id, backends.TryGetValue(b.Traffic, out (string, RequestFigures Requests) its) ? its.Requests : RequestFigures.Empty)))]);
    }

    /// <summary>One for a thread that is the only one to use it.</summary>
    internal MeasuringSlot NewSlot() => new(Interlocked.Increment(ref _slots) - 1, IsShared: false);

    /// <summary>These are the routes from now on. One caller at a time.</summary>
    /// <returns>Where the requests of each are counted.</returns>
    internal RouteMeasurements[] Follow(IReadOnlyList<RouteSettings> routes)
    {
        Dictionary<string, RouteMeasurements> known = _routes;
        var next = new Dictionary<string, RouteMeasurements>(StringComparer.Ordinal);
        foreach (IGrouping<string, RouteSettings> its in routes.GroupBy(NameOf, StringComparer.Ordinal))
        {
            RouteMeasurements route = known.GetValueOrDefault(its.Key) ?? new RouteMeasurements(its.Key);
            route.Lead(its.SelectMany(r => r.PoolNames));
            next.Add(its.Key, route);
        }

        _routes = next;
        return [.. routes.Select(r => next[NameOf(r)])];
    }

    /// <summary>The backend is in no pool any more: what was counted of it is the pool's.</summary>
    internal void Forget(BackendTraffic backend)
    {
        if (_backends.TryRemove(backend, out BackendMeasurements? gone))
        {
            Of(gone.Pool).Take(gone.Requests);
        }
    }

    /// <param name="route">Null: it has none.</param>
    /// <param name="pool">Null: it was over before it had one.</param>
    /// <param name="backend">Of the pool, that was asked last; null: none was.</param>
    internal void Record(MeasuringSlot slot, RouteMeasurements? route, string? pool, BackendTraffic? backend, in FinishedRequest request)
    {
        (route ?? _unrouted).Of(pool ?? RouteMeasurements.NoPool)?.Record(slot, request);
        if (pool is not null)
        {
            Of(pool, backend).Record(slot, request);
        }
    }

    /// <summary>A connection was made for a request.</summary>
    /// <param name="route">Null: for requests of several.</param>
    internal void Connected(MeasuringSlot slot, RouteMeasurements? route, string pool, BackendTraffic backend, long ticks)
    {
        route?.Of(pool)?.Connected(slot, ticks);
        Of(pool, backend).Connected(slot, ticks);
    }

    /// <summary>A request's wait for a place is over.</summary>
    internal void Queued(MeasuringSlot slot, RouteMeasurements? route, string pool, BackendTraffic backend, long ticks)
    {
        route?.Of(pool)?.Queued(slot, ticks);
        Of(pool, backend).Queued(slot, ticks);
    }

    // Routes that differ in their conditions alone are counted together.
    private static string NameOf(RouteSettings route) => route.IsExact ? $"{route.Host}{route.Path} (exact)" : route.Host + route.Path;

    private RequestMeasurements Of(string pool) => _pools.GetOrAdd(pool, static _ => new RequestMeasurements());

    private RequestMeasurements Of(string pool, BackendTraffic? backend) =>
        backend is null ? Of(pool)
        : _backends.TryGetValue(backend, out BackendMeasurements? its) ? its.Requests
        : backend.IsForgotten ? Of(pool)
        : _backends.GetOrAdd(backend, static (_, pool) => new BackendMeasurements(pool, new RequestMeasurements()), pool).Requests;

    private sealed record BackendMeasurements(string Pool, RequestMeasurements Requests);
}

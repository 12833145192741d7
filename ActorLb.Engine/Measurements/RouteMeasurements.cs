namespace ActorLb.Engine.Measurements;

/// <summary>Counts of the requests of one route, by the pool that they went to. Kept over changes of the topology by the route's name.</summary>
/// <param name="name">Its host and path, as they are written; empty: requests that have no route.</param>
internal sealed class RouteMeasurements(string name)
{
    /// <summary>Of requests that were answered, or over, before they had a pool.</summary>
    public const string NoPool = "";

    // Replaced whole: what a route leads to changes seldom.
    private volatile (string Pool, RequestMeasurements Requests)[] _pools = [(NoPool, new RequestMeasurements())];

    public string Name => name;

    public IReadOnlyList<(string Pool, RequestMeasurements Requests)> Pools => _pools;

    /// <summary>Of the requests that went to this pool; null: the route does not lead there any more.</summary>
    public RequestMeasurements? Of(string pool)
    {
        foreach ((string its, RequestMeasurements requests) in _pools)
        {
            if (its == pool)
            {
                return requests;
            }
        }

        return null;
    }

    /// <summary>It leads to these from now on; what was counted of others is forgotten. One caller at a time.</summary>
    public void Lead(IEnumerable<string> pools) =>
        _pools = [.. pools.Append(NoPool).Distinct().Select(p => (p, Of(p) ?? new RequestMeasurements()))];
}

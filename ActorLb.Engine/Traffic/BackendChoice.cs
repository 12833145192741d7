using ActorLb.Engine.Balancing;
using ActorLb.Engine.Routing;
using ActorLb.Shared.Backends;

namespace ActorLb.Engine.Traffic;

/// <summary>Which backend gets a request of no session: whom the policy names, unless that one has failed just now or is ejected.</summary>
internal static class BackendChoice
{
    /// <summary>The backend that the pool's policy chooses, without the one that failed and those whose circuit just opened; null where none is left.</summary>
    public static BackendSnapshot? Next(PoolSnapshot pool, BackendKey failed, BalanceKey key)
    {
        int place = pool.Policy.Next(pool.Cursor, key, before: -1);
        if (place < 0)
        {
            return null;
        }

        BackendSnapshot chosen = pool.Backends[place];
        return chosen.Key != failed && !chosen.Traffic.IsEjected ? chosen : Another(pool, failed, key, place);
    }

    private static BackendSnapshot? Another(PoolSnapshot pool, BackendKey failed, BalanceKey key, int place)
    {
        BackendSnapshot chosen = pool.Backends[place];
        BackendSnapshot? lastResort = chosen.Key == failed ? null : chosen;
        foreach (BackendSnapshot next in new TurnsOfRequest(pool, key, place))
        {
            if (next.Key != failed)
            {
                if (!next.Traffic.IsEjected)
                {
                    return next;
                }

                lastResort ??= next;
            }
        }

        return StandBy(pool, failed) ?? lastResort;
    }

    // Before the next snapshot has them take over: those that fail first need not fail.
    private static BackendSnapshot? StandBy(PoolSnapshot pool, BackendKey failed)
    {
        foreach (BackendSnapshot backend in pool.Backends)
        {
            if (backend.StandsBy && backend.Key != failed && !backend.Traffic.IsEjected)
            {
                return backend;
            }
        }

        return null;
    }
}

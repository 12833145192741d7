using ActorLb.Engine.Routing;
using ActorLb.Shared.Backends;

namespace ActorLb.Engine.Traffic;

/// <summary>Counts what becomes of sessions where it is known only by a backend's key.</summary>
internal static class SessionEvents
{
    public static void Count(this DataPlane plane, string pool, BackendKey backend, SessionEvent what)
    {
        PoolSnapshot? now = plane.Routing.Pools.GetValueOrDefault(pool);
        (now?.Find(backend)?.Traffic.Sessions ?? now?.Table.OfGone)?.Count(what);
    }
}

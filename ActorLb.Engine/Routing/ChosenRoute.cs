using ActorLb.Engine.Filters;
using ActorLb.Engine.Measurements;

namespace ActorLb.Engine.Routing;

/// <summary>Where a request's route leads.</summary>
/// <param name="Pool">Null: the route answers itself, shares its sessions out, or there is none.</param>
/// <param name="Filters">What it does beside; null: nothing.</param>
/// <param name="Split">The pools among which it shares its sessions out; null: it does not.</param>
/// <param name="Routing">That it is of.</param>
/// <param name="Measured">Where its requests are counted; null where there is none.</param>
internal readonly record struct ChosenRoute(
    PoolSnapshot? Pool, RouteFilters? Filters, PoolSplit? Split = null, RoutingSnapshot? Routing = null, RouteMeasurements? Measured = null)
{
    public bool IsNone => Pool is null && Filters is null && Split is null;

    /// <summary>One of its <see cref="Split"/>.</summary>
    /// <param name="index">Into <see cref="PoolSplit.Places"/>.</param>
    public PoolSnapshot PoolAt(int index) => Routing!.PoolAt(Split!.Places[index]);
}

using ActorLb.Engine.Filters;

namespace ActorLb.Engine.Routing;

/// <summary>Where a request's route leads.</summary>
/// <param name="Pool">Null: to none, since the route answers itself, or no route fits.</param>
/// <param name="Filters">What it does beside; null: nothing.</param>
internal readonly record struct ChosenRoute(PoolSnapshot? Pool, RouteFilters? Filters)
{
    public bool IsNone => Pool is null && Filters is null;
}

using ActorLb.Engine.Routing;
using ActorLb.Engine.Traffic;
using ActorLb.Shared.Routing;
using ActorLb.Shared.Settings;

namespace ActorLb.Tests;

/// <summary>Requests of which a test says no more than host and path.</summary>
internal static class PlainRequests
{
    public static PoolSnapshot? Route(this TrafficDirector director, string host, string path) => director.Route(host, path, default(Nothing)).Pool;

    private readonly struct Nothing : IRouteConditions
    {
        public bool Fit(RouteSettings route) => !route.IsConditional;
    }
}

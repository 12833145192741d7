using ActorLb.Shared.Settings;

namespace ActorLb.Shared.Routing;

/// <summary>What a request says beside its host and path.</summary>
public interface IRouteConditions
{
    /// <summary>Whether it has one of the route's methods, all of its headers, and came by one of its listeners.</summary>
    bool Fit(RouteSettings route);
}

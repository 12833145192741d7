using ActorLb.Engine.Filters;
using ActorLb.Engine.Measurements;

namespace ActorLb.Engine.Exchanges;

/// <summary>What the route of one request does with it. Default where a request begins: nothing of the one before holds for the next.</summary>
internal struct RouteEffects
{
    /// <summary>What it does beside naming a pool; null: nothing.</summary>
    public RouteFilters? Filters;

    /// <summary>Where its requests are counted; null: none was found.</summary>
    public RouteMeasurements? Measured;

    /// <summary>What it says of the answer, where a backend gives none; null: nothing.</summary>
    public RouteAnswer? Answer;

    /// <summary>Field lines that the backend gets beside; null: there are none.</summary>
    public byte[]? RequestLines;

    /// <summary>It shares sessions out over several pools.</summary>
    public bool IsSplit;

    /// <summary>Of the request's body; 0: there is no limit.</summary>
    public long BodyBytesMax;
}

using ActorLb.Engine.Filters;

namespace ActorLb.Engine.Exchanges;

/// <summary>What the route of one request does with it. Default where a request begins: nothing of the one before holds for the next.</summary>
internal struct RouteEffects
{
    /// <summary>What it does beside naming a pool; null: nothing.</summary>
    public RouteFilters? Filters;

    /// <summary>What it says of the answer, where a backend gives none; null: nothing.</summary>
    public RouteAnswer? Answer;

    /// <summary>Field lines that the backend gets beside; null: there are none.</summary>
    public byte[]? RequestLines;

    /// <summary>Of the request's body; 0: there is no limit.</summary>
    public long BodyBytesMax;
}

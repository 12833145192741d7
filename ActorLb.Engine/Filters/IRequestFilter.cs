namespace ActorLb.Engine.Filters;

/// <summary>A step of a route between its choice and its pool. Made from settings; one serves all requests of its route, on any thread.</summary>
internal interface IRequestFilter
{
    /// <summary>Lets the request go on (default), or says what it gets instead. Does not wait.</summary>
    FilterVerdict Look(in FilteredRequest request);
}

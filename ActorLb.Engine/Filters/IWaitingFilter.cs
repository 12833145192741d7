namespace ActorLb.Engine.Filters;

/// <summary>A step of a route that has to ask somebody else. Made from settings; one serves all requests of its route, on any thread.</summary>
internal interface IWaitingFilter
{
    /// <summary>
    /// Lets the request go on, or says what it gets instead: at once where it knows. Takes what it needs of the request before it waits, and waits for
    /// a bounded time; never fails.
    /// </summary>
    ValueTask<FilterVerdict> LookAsync(in FilteredRequest request);
}

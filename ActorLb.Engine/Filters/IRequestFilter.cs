using ActorLb.Engine.Failures;

namespace ActorLb.Engine.Filters;

/// <summary>A step of a route between its choice and its pool. Made from settings; one serves all requests of its route, on any thread.</summary>
internal interface IRequestFilter
{
    /// <summary>Lets the request go on (default), or says what it gets instead. Does not wait.</summary>
    FilterVerdict Look(in FilteredRequest request);
}

/// <summary>What a filter decides.</summary>
/// <param name="Failure">Why the request goes no further; None: it goes on.</param>
/// <param name="Answer">What its answer is, or says beside; null: what the reason says.</param>
internal readonly record struct FilterVerdict(FailureReason Failure, RouteAnswer? Answer = null);

using ActorLb.Engine.Failures;

namespace ActorLb.Engine.Filters;

/// <summary>What a filter decides; default: the request goes on.</summary>
/// <param name="Failure">Why it goes no further; None: it goes on.</param>
/// <param name="Answer">What its answer is, or says beside; null: what the reason says.</param>
/// <param name="RequestLines">What the backend gets beside: field lines with their ends, well-formed; null: nothing.</param>
internal readonly record struct FilterVerdict(FailureReason Failure, RouteAnswer? Answer = null, byte[]? RequestLines = null);

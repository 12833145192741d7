using ActorLb.Engine.Measurements;

namespace ActorLb.Node.Dashboard;

/// <summary>What was counted of a subject since its node's start.</summary>
/// <param name="Failures">Those of the requests that failed.</param>
/// <param name="Latencies">How long backends took to begin their answers; null: that is not measured.</param>
internal readonly record struct FigureTotals(long Requests, long Failures, Histogram? Latencies = null)
{
    /// <summary>Of failures, by the number of the reason; null: there was none yet, or they are not told apart.</summary>
    public long[]? Reasons { get; init; }
}

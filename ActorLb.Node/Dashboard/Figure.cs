namespace ActorLb.Node.Dashboard;

/// <summary>What happened of a subject in one slot of time.</summary>
/// <param name="P50">Milliseconds; NaN where nothing was answered. So are <paramref name="P95"/> and <paramref name="P99"/>.</param>
internal readonly record struct Figure(uint Requests, uint Failures, Half P50, Half P95, Half P99)
{
    public static readonly Figure None = new(0, 0, Half.NaN, Half.NaN, Half.NaN);
}

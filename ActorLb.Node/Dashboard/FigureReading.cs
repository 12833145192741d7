using System.Collections.Immutable;

namespace ActorLb.Node.Dashboard;

/// <summary>What happened of a subject a moment ago, at one node or at several.</summary>
/// <param name="Requests">In the last second; so are failures.</param>
/// <param name="RecentRequests">In the last ten seconds; so are failures and latencies.</param>
/// <param name="Latencies">By <see cref="LatencyBounds"/>, without the empty ones behind the last.</param>
internal sealed record FigureReading(
    FigureSubject Subject, long Requests, long Failures, long RecentRequests, long RecentFailures, ImmutableArray<long> Latencies)
{
    /// <summary>
    /// Why they failed, in the last ten seconds, the most first. Of a backend also whom its queue turned away, which are no failures of its own. Empty also of a node of
    /// an older version, which does not say.
    /// </summary>
    public ImmutableArray<FailureCount> Reasons { get; init; } = [];

    /// <summary>Without those whom a queue turned away: why the backend's own failed.</summary>
    public IEnumerable<FailureCount> OwnReasons => Reasons.Where(r => !r.IsOfQueue);

    private const double MuchShare = 0.05;

    private const long MuchMin = 3;

    /// <summary>
    /// So much of it failed that somebody should look. What is told stays for as long as anything worth telling goes on: a share that swings about the bound is
    /// one trouble, and not ten.
    /// </summary>
    /// <param name="isTold">It was so a moment ago.</param>
    public bool Fails(bool isTold) => isTold
        ? RecentFailures > 0 && RecentFailures >= RecentRequests * MuchShare / 4
        : RecentFailures >= MuchMin && RecentFailures >= RecentRequests * MuchShare;

    public double Quantile(double share) => LatencyBounds.Quantile(Latencies.AsSpan(), share);

    public static FigureReading Of(FigureSubject subject, FigureSeries series) => new(
        subject, series.Requests, series.Failures, series.Window!.Requests, series.Window.Failures, Trimmed(series.Window.Latencies)) { Reasons = FailureCount.Of(series.Window.Reasons) };

    /// <summary>The sum of what several nodes read.</summary>
    public static Dictionary<FigureSubject, FigureReading> Sum(IEnumerable<FigureReading> readings)
    {
        var sums = new Dictionary<FigureSubject, FigureReading>();
        foreach (FigureReading reading in readings)
        {
            sums[reading.Subject] = sums.TryGetValue(reading.Subject, out FigureReading? sum) ? sum.And(reading) : reading;
        }

        return sums;
    }

    private FigureReading And(FigureReading other)
    {
        long[] latencies = new long[Math.Max(Latencies.Length, other.Latencies.Length)];
        Latencies.CopyTo(latencies);
        for (int i = 0; i < other.Latencies.Length; i++)
        {
            latencies[i] += other.Latencies[i];
        }

        return new FigureReading(
            Subject, Requests + other.Requests, Failures + other.Failures, RecentRequests + other.RecentRequests, RecentFailures + other.RecentFailures, [.. latencies])
        {
            Reasons = FailureCount.Sum(Reasons.Concat(other.Reasons)),
        };
    }

    private static ImmutableArray<long> Trimmed(ReadOnlySpan<long> counts) => [.. counts[..(counts.LastIndexOfAnyExcept(0L) + 1)]];
}

using ActorLb.Engine.Measurements;

namespace ActorLb.Node.Dashboard;

/// <summary>The buckets in which nodes tell each other latencies: those of the data plane.</summary>
internal static class LatencyBounds
{
    public const int Count = LatencyBuckets.Count;

    /// <summary>
    /// The latency that so large a part of the answers did not exceed, in milliseconds, exact to a quarter; NaN where there was none.
    /// </summary>
    /// <param name="share">0 to 1.</param>
    public static double Quantile(ReadOnlySpan<long> counts, double share)
    {
        long all = 0;
        foreach (long count in counts)
        {
            all += count;
        }

        double wanted = all * share;
        long before = 0;
        for (int i = 0; i < counts.Length; i++)
        {
            if (counts[i] > 0 && before + counts[i] >= wanted)
            {
                long lower = LatencyBuckets.LowerTicks(i);
                double into = i == Count - 1 ? 0 : (LatencyBuckets.UpperTicks(i) - lower) * Math.Max(0, wanted - before) / counts[i];
                return (lower + into) / TimeSpan.TicksPerMillisecond;
            }

            before += counts[i];
        }

        return double.NaN;
    }
}

namespace ActorLb.Engine.Measurements;

/// <summary>How long something took, from 100 µs to 100 s: how often, in buckets. Immutable; of two readings, the difference is what came between.</summary>
public sealed class Histogram
{
    private readonly long[] _buckets;

    /// <param name="buckets">Those of <see cref="LatencyBuckets"/>. Not changed any more.</param>
    internal Histogram(long[] buckets, long sumTicks)
    {
        _buckets = buckets;
        Count = buckets.Sum();
        Sum = TimeSpan.FromTicks(sumTicks);
    }

    /// <summary>How many are in each bucket of <see cref="LatencyBuckets"/>.</summary>
    public ReadOnlySpan<long> Buckets => _buckets;

    public static Histogram Empty { get; } = new(new long[LatencyBuckets.Count], 0);

    public long Count { get; }

    /// <summary>Of all that was counted.</summary>
    public TimeSpan Sum { get; }

    /// <summary>Zero where nothing was counted.</summary>
    public TimeSpan Mean => Count == 0 ? TimeSpan.Zero : Sum / Count;

    /// <summary>How many took at most so long: 100 µs, and each doubling of it to 104.8576 s. What took longer is in <see cref="Count"/> alone.</summary>
    public IEnumerable<(TimeSpan AtMost, long Count)> Doublings
    {
        get
        {
            long count = 0;
            for (int i = 0; i < LatencyBuckets.Count - 1; i++)
            {
                count += _buckets[i];
                if (i % LatencyBuckets.PerDoubling == LatencyBuckets.PerDoubling - 1)
                {
                    yield return (TimeSpan.FromTicks(LatencyBuckets.UpperTicks(i)), count);
                }
            }
        }
    }

    /// <summary>
    /// What this share of all took at most, exact to a quarter: 0.5 is the median. Zero where nothing was counted; what took longer than 104.9 s
    /// counts as that.
    /// </summary>
    /// <param name="share">0 to 1.</param>
    public TimeSpan Quantile(double share)
    {
        double rank = Math.Clamp(share, 0, 1) * Count;
        long before = 0;
        for (int i = 0; i < LatencyBuckets.Count; i++)
        {
            long here = _buckets[i];
            if (here > 0 && before + here >= rank)
            {
                long lower = LatencyBuckets.LowerTicks(i);
                return TimeSpan.FromTicks(i == LatencyBuckets.Count - 1
                    ? lower
                    : lower + (long)((LatencyBuckets.UpperTicks(i) - lower) * Math.Max(0, rank - before) / here));
            }

            before += here;
        }

        return TimeSpan.Zero;
    }

    public Histogram Add(Histogram other) => Combine(other, 1);

    /// <param name="earlier">An earlier reading of the same. One that has more is of before a new start, and nothing is taken off.</param>
    public Histogram Subtract(Histogram earlier) => earlier.Count > Count ? this : Combine(earlier, -1);

    private Histogram Combine(Histogram other, int sign)
    {
        var buckets = new long[LatencyBuckets.Count];
        for (int i = 0; i < buckets.Length; i++)
        {
            buckets[i] = Math.Max(0, _buckets[i] + (sign * other._buckets[i]));
        }

        return new Histogram(buckets, Sum.Ticks + (sign * other.Sum.Ticks));
    }
}

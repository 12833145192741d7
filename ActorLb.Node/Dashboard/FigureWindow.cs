namespace ActorLb.Node.Dashboard;

/// <summary>What was counted in the last ten seconds, by what was counted in each. Used under its owner's lock.</summary>
internal sealed class FigureWindow
{
    /// <summary>Long enough for a latency of few requests, and as long as a coarse slot.</summary>
    public const int Seconds = 10;

    private readonly Second[] _seconds = [.. Enumerable.Repeat(new Second(0, 0, [], []), Seconds)];
    private readonly long[] _latencies = new long[LatencyBounds.Count];

    // Made with the first failure.
    private long[] _reasons = [];
    private int _next;

    public long Requests { get; private set; }

    public long Failures { get; private set; }

    /// <summary>By <see cref="LatencyBounds"/>.</summary>
    public ReadOnlySpan<long> Latencies => _latencies;

    /// <summary>Of failures, by the number of the reason.</summary>
    public ReadOnlySpan<long> Reasons => _reasons;

    /// <param name="before">Counted until the second began.</param>
    /// <param name="now">And until it was over: requests and failures are those of the second.</param>
    public void Add(long requests, long failures, in Counted before, in Counted now)
    {
        ref Second oldest = ref _seconds[_next];
        Count(oldest, -1);
        oldest = new Second(requests, failures, Difference(before.Latencies, now.Latencies), Difference(before.Reasons, now.Reasons));
        if (oldest.Reasons.Length > 0 && _reasons.Length < now.Reasons.Length)
        {
            Array.Resize(ref _reasons, now.Reasons.Length);
        }

        Count(oldest, 1);
        _next = (_next + 1) % Seconds;
    }

    private void Count(in Second second, int sign)
    {
        Requests += sign * second.Requests;
        Failures += sign * second.Failures;
        foreach ((byte bucket, long count) in second.Latencies)
        {
            _latencies[bucket] += sign * count;
        }

        foreach ((byte reason, long count) in second.Reasons)
        {
            _reasons[reason] += sign * count;
        }
    }

    private static (byte Bucket, long Count)[] Difference(ReadOnlySpan<long> before, ReadOnlySpan<long> now)
    {
        int different = 0;
        for (int i = 0; i < now.Length; i++)
        {
            different += Since(before, now, i) > 0 ? 1 : 0;
        }

        if (different == 0)
        {
            return [];
        }

        var difference = new (byte, long)[different];
        for (int i = now.Length - 1; i >= 0; i--)
        {
            if (Since(before, now, i) is > 0 and var count)
            {
                difference[--different] = ((byte)i, count);
            }
        }

        return difference;
    }

    private static long Since(ReadOnlySpan<long> before, ReadOnlySpan<long> now, int bucket) =>
        bucket < before.Length && before[bucket] <= now[bucket] ? now[bucket] - before[bucket] : now[bucket];

    /// <summary>What was counted of a subject until one moment.</summary>
    internal readonly ref struct Counted(ReadOnlySpan<long> latencies, ReadOnlySpan<long> reasons)
    {
        public ReadOnlySpan<long> Latencies { get; } = latencies;

        public ReadOnlySpan<long> Reasons { get; } = reasons;
    }

    private readonly record struct Second(long Requests, long Failures, (byte Bucket, long Count)[] Latencies, (byte Reason, long Count)[] Reasons);
}

namespace ActorLb.Node.Dashboard;

/// <summary>What was counted in the last ten seconds, by what was counted in each. Used under its owner's lock.</summary>
internal sealed class FigureWindow
{
    /// <summary>Long enough for a latency of few requests, and as long as a coarse slot.</summary>
    public const int Seconds = 10;

    private readonly (long Requests, long Failures, (byte Bucket, long Count)[] Latencies)[] _seconds = [.. Enumerable.Repeat((0L, 0L, Array.Empty<(byte, long)>()), Seconds)];
    private readonly long[] _latencies = new long[LatencyBounds.Count];
    private int _next;

    public long Requests { get; private set; }

    public long Failures { get; private set; }

    /// <summary>By <see cref="LatencyBounds"/>.</summary>
    public ReadOnlySpan<long> Latencies => _latencies;

    public void Add(long requests, long failures, ReadOnlySpan<long> before, ReadOnlySpan<long> now)
    {
        ref (long Requests, long Failures, (byte Bucket, long Count)[] Latencies) oldest = ref _seconds[_next];
        Count(oldest.Requests, oldest.Failures, oldest.Latencies, -1);
        oldest = (requests, failures, Difference(before, now));
        Count(requests, failures, oldest.Latencies, 1);
        _next = (_next + 1) % Seconds;
    }

    private void Count(long requests, long failures, (byte Bucket, long Count)[] latencies, int sign)
    {
        Requests += sign * requests;
        Failures += sign * failures;
        foreach ((byte bucket, long count) in latencies)
        {
            _latencies[bucket] += sign * count;
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
}

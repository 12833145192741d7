using ActorLb.Engine.Sessions;
using ActorLb.Shared.Sessions;

namespace ActorLb.Bench.Sessions;

/// <summary>
/// How long it takes until a binding that another node made is in this node's table: looks every 10 ms which buckets
/// were replaced, and at each binding that is new in them.
/// </summary>
internal sealed class LagWatch(BindingTable table, BirthTimes births) : IDisposable
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(10);

    private readonly BindingBucket[] _seen = new BindingBucket[BucketId.Count];

    // Made and touched before memory is measured: it must not count as the node's.
    private readonly float[] _lags = [.. Enumerable.Repeat(1f, (int)births.Length)];
    private int _count;
    private CancellationTokenSource? _stop;
    private Task _watching = Task.CompletedTask;

    public string Begin()
    {
        _count = 0;
        for (int i = 0; i < BucketId.Count; i++)
        {
            _seen[i] = table.Replicated(i);
        }

        _stop = new CancellationTokenSource();
        _watching = WatchAsync(_stop.Token);
        return "watching";
    }

    /// <summary>Median and 99th percentile in seconds, and how many were seen.</summary>
    public string End()
    {
        _stop!.Cancel();
        _watching.GetAwaiter().GetResult();
        Span<float> lags = _lags.AsSpan(0, _count);
        lags.Sort();
        return _count == 0 ? "0 0 0" : FormattableString.Invariant($"{lags[_count / 2]:F3} {lags[(int)(_count * 0.99)]:F3} {_count}");
    }

    public void Dispose() => _stop?.Dispose();

    private async Task WatchAsync(CancellationToken stop)
    {
        using var timer = new PeriodicTimer(Interval);
        try
        {
            while (await timer.WaitForNextTickAsync(stop))
            {
                long now = TimeProvider.System.GetTimestamp();
                for (int i = 0; i < BucketId.Count; i++)
                {
                    BindingBucket bucket = table.Replicated(i);
                    if (!ReferenceEquals(bucket, _seen[i]))
                    {
                        foreach (Binding binding in bucket.ChangedSince(_seen[i]))
                        {
                            if (_count < _lags.Length)
                            {
                                _lags[_count++] = (float)TimeProvider.System.GetElapsedTime(births.Get((long)binding.Id.Low), now).TotalSeconds;
                            }
                        }

                        _seen[i] = bucket;
                    }
                }
            }
        }
        catch (OperationCanceledException)
        {
            // The end of the measurement.
        }
    }
}

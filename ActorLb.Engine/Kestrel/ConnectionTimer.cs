namespace ActorLb.Engine.Kestrel;

/// <summary>
/// One limit of a connection at a time. Setting a later one, as each request does, costs a store: the timer looks when it
/// fires what the limit of that moment is.
/// </summary>
/// <param name="due">Is told which limit is over, and must be quick: meanwhile nobody sets or stops one.</param>
internal sealed class ConnectionTimer<TLimit>(TimeProvider time, Action<TLimit> due) : IDisposable
    where TLimit : struct
{
    private const long Never = long.MaxValue;

    private readonly Lock _lock = new();
    private ITimer? _timer;
    private TLimit _limit;
    private long _dueAt = Never;
    private long _looksAt = Never;
    private bool _isDisposed;

    /// <param name="span">From now on; zero: there is no limit.</param>
    public void Set(TLimit limit, TimeSpan span)
    {
        lock (_lock)
        {
            _limit = limit;
            _dueAt = span > TimeSpan.Zero ? Now + (long)span.TotalMilliseconds : Never;
            if (_dueAt < _looksAt && !_isDisposed)
            {
                LookAt(_dueAt);
            }
        }
    }

    /// <summary>Nothing is due after this returns.</summary>
    public void Stop()
    {
        lock (_lock)
        {
            _dueAt = Never;
        }
    }

    public void Dispose()
    {
        lock (_lock)
        {
            _isDisposed = true;
            _dueAt = Never;
            _timer?.Dispose();
        }
    }

    // In milliseconds.
    private long Now => (long)time.GetElapsedTime(0).TotalMilliseconds;

    private void LookAt(long at)
    {
        _timer ??= time.CreateTimer(static t => ((ConnectionTimer<TLimit>)t!).Look(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        _looksAt = at;
        _timer.Change(TimeSpan.FromMilliseconds(Math.Max(1, at - Now)), Timeout.InfiniteTimeSpan);
    }

    private void Look()
    {
        lock (_lock)
        {
            _looksAt = Never;
            if (_isDisposed || _dueAt == Never)
            {
                return;
            }

            if (Now < _dueAt)
            {
                LookAt(_dueAt);
                return;
            }

            _dueAt = Never;
            due(_limit);
        }
    }
}

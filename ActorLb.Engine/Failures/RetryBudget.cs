namespace ActorLb.Engine.Failures;

/// <summary>
/// How many requests of one pool may be tried again, so that servers that fail do not get the load of all their clients' second and
/// third tries. Costs nothing but where a request failed. Any thread.
/// </summary>
public sealed class RetryBudget
{
    private readonly Lock _lock = new();
    private readonly TimeProvider _time;
    private RetryBudgetState _state = RetryBudgetState.Nothing;
    private long _retries;
    private long _free;
    private long _refused;
    private long _refusedAt = long.MinValue;
    private long _refusedSince = long.MinValue;

    internal RetryBudget(TimeProvider time) => _time = time;

    /// <summary>Requests that were tried again within the budget.</summary>
    public long Retries => Interlocked.Read(ref _retries);

    /// <summary>Requests that were not, because there was none left.</summary>
    public long Refused => Interlocked.Read(ref _refused);

    /// <summary>Since when retries are refused again and again: the last one was so within the last second; null: none is.</summary>
    public DateTimeOffset? SpentSince
    {
        get
        {
            lock (_lock)
            {
                return _refusedAt != long.MinValue && _time.GetElapsedTime(_refusedAt) < TimeSpan.FromMilliseconds(RetryBudgetState.PeriodMilliseconds)
                    ? _time.GetUtcNow() - _time.GetElapsedTime(_refusedSince)
                    : null;
            }
        }
    }

    /// <summary>Takes a retry out of it; false where none is left.</summary>
    /// <param name="attempts">What was sent to the pool's backends so far, retries included.</param>
    internal bool TryTake(long attempts, int percent)
    {
        lock (_lock)
        {
            long now = _time.GetTimestamp();
            long milliseconds = (long)_time.GetElapsedTime(0, now).TotalMilliseconds;
            (bool isGranted, _state) = _state.Take(milliseconds, attempts - _retries - Interlocked.Read(ref _free), percent);
            if (isGranted)
            {
                _retries++;
                return true;
            }

            _refused++;
            bool goesOn = _refusedAt != long.MinValue && _time.GetElapsedTime(_refusedAt, now) < TimeSpan.FromMilliseconds(RetryBudgetState.PeriodMilliseconds);
            _refusedSince = goesOn ? _refusedSince : now;
            _refusedAt = now;
            return false;
        }
    }

    /// <summary>A retry that was taken is not made.</summary>
    internal void GiveBack()
    {
        lock (_lock)
        {
            _state = _state.GiveBack();
            _retries--;
        }
    }

    /// <summary>A request is sent again without being counted: its connection was refused or closed as idle, or somebody asked for it.</summary>
    internal void Freely() => Interlocked.Increment(ref _free);
}

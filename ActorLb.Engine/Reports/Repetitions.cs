namespace ActorLb.Engine.Reports;

/// <summary>
/// What happens again and again, so that it does not fill the disk: told at once, then at most once a minute with how often since.
/// Any thread. Holds what happened in the last minute; whoever notes keeps the number of keys small.
/// </summary>
/// <param name="tell">How often since it was last told.</param>
internal sealed class Repetitions<TKey>(TimeProvider time, Action<TKey, long> tell) : IDisposable
    where TKey : notnull
{
    public static readonly TimeSpan Interval = TimeSpan.FromMinutes(1);

    private readonly Lock _lock = new();
    private readonly Dictionary<TKey, long> _untold = [];
    private ITimer? _timer;
    private bool _isDisposed;

    /// <summary>True: it is to be told now. False: it is told later, with the others.</summary>
    /// <param name="othersFrom">Where so many keys are held already, another one is noted as this.</param>
    public bool IsNews(ref TKey key, int othersFrom, TKey others)
    {
        lock (_lock)
        {
            if (!_untold.ContainsKey(key) && _untold.Count >= othersFrom)
            {
                key = others;
            }

            if (_untold.TryGetValue(key, out long count))
            {
                _untold[key] = count + 1;
                return false;
            }

            _untold[key] = 0;

            // Runs for as long as there is something to tell.
            if (_timer is null && !_isDisposed)
            {
                _timer = time.CreateTimer(static r => ((Repetitions<TKey>)r!).Tell(), this, Interval, Interval);
            }

            return true;
        }
    }

    public void Dispose()
    {
        lock (_lock)
        {
            _isDisposed = true;
            _timer?.Dispose();
            _timer = null;
        }
    }

    private void Tell()
    {
        var due = new List<KeyValuePair<TKey, long>>();
        lock (_lock)
        {
            foreach (KeyValuePair<TKey, long> entry in _untold.ToArray())
            {
                if (entry.Value == 0)
                {
                    _untold.Remove(entry.Key);
                    continue;
                }

                due.Add(entry);
                _untold[entry.Key] = 0;
            }

            if (_untold.Count == 0)
            {
                _timer?.Dispose();
                _timer = null;
            }
        }

        foreach ((TKey key, long count) in due)
        {
            tell(key, count);
        }
    }
}

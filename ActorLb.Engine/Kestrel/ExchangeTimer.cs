using System.Diagnostics.CodeAnalysis;

namespace ActorLb.Engine.Kestrel;

/// <summary>
/// Ends an attempt in which nothing moves for longer than its limit. Progress costs one store; the timer looks now and
/// then whether the limit of that moment is over. Used again with its exchange.
/// </summary>
[SuppressMessage("Design", "CA1001", Justification = "The server keeps exchanges and drops them without a word; a timer that is not set is collected with it.")]
internal sealed class ExchangeTimer(Exchange exchange, TimeProvider time, Lock attempt)
{
    private ITimer? _timer;
    private TimeSpan _look;
    private long _movedAt;
    private bool _isRunning;

    /// <param name="look">The shortest limit that may apply; zero: there is none.</param>
    public void Begin(TimeSpan look)
    {
        lock (attempt)
        {
            _look = look;
            _isRunning = look > TimeSpan.Zero;
            Moved();
            if (_isRunning)
            {
                _timer ??= time.CreateTimer(static t => ((ExchangeTimer)t!).Look(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
                _timer.Change(look, Timeout.InfiniteTimeSpan);
            }
        }
    }

    /// <summary>Bytes have moved, or another limit begins.</summary>
    public void Moved() => Volatile.Write(ref _movedAt, time.GetTimestamp());

    /// <summary>Nothing is ended after this returns.</summary>
    public void End()
    {
        lock (attempt)
        {
            if (_isRunning)
            {
                _isRunning = false;
                _timer!.Change(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
            }
        }
    }

    private void Look()
    {
        lock (attempt)
        {
            if (!_isRunning)
            {
                return;
            }

            TimeSpan silence = time.GetElapsedTime(Volatile.Read(ref _movedAt));
            TimeSpan limit = exchange.SilenceMax;
            if (limit > TimeSpan.Zero && silence >= limit)
            {
                _isRunning = false;
                exchange.OnSilence();
                return;
            }

            TimeSpan next = limit > TimeSpan.Zero && limit - silence < _look ? limit - silence : _look;
            _timer!.Change(next < TimeSpan.FromMilliseconds(1) ? TimeSpan.FromMilliseconds(1) : next, Timeout.InfiniteTimeSpan);
        }
    }
}

using ActorLb.Engine.Listeners;
using ActorLb.Shared.Backends;

namespace ActorLb.Engine.Forwarding;

/// <summary>
/// Unused connections to backends. The one that was used last is used next: it is the least likely to be closed, and the
/// others grow old and go. Any thread.
/// </summary>
internal sealed class KeptStreams : IDisposable
{
    private static readonly TimeSpan SweepInterval = TimeSpan.FromSeconds(1);

    private readonly Lock _lock = new();
    private readonly Dictionary<BackendTraffic, List<BackendStream>> _kept = [];
    private readonly TimeSpan _ageMax;
    private readonly TimeProvider _time;
    private readonly ITimer _sweep;
    private readonly ConnectionLimits _limits;
    private int _count;
    private bool _isClosed;

    /// <param name="ageMax">limits.connection-age-max; zero: there is none.</param>
    /// <param name="limits">Says how many there may be.</param>
    public KeptStreams(TimeSpan ageMax, ConnectionLimits limits, TimeProvider time)
    {
        _limits = limits;
        _ageMax = ageMax;
        _time = time;
        _sweep = time.CreateTimer(static k => ((KeptStreams)k!).Sweep(), this, SweepInterval, SweepInterval);
    }

    // Of the steady clock that all lanes tell a backend's idle limit by.
    private long Now => (long)(_time.GetTimestamp() * (1000.0 / _time.TimestampFrequency));

    /// <summary>One that is kept and looks usable; null where there is none.</summary>
    /// <param name="repeatable">The request can be sent again where the backend has just closed it.</param>
    public BackendStream? Take(BackendTraffic backend, bool repeatable)
    {
        while (TakeNewest(backend, repeatable) is { } stream)
        {
            stream.WasKeptFor = Now - stream.KeptAt;
            if (stream.KeptUntil > Now && stream.IsQuiet)
            {
                return stream;
            }

            Drop(backend, stream);
        }

        return null;
    }

    /// <summary>The backend closed one before it saw the request that took it.</summary>
    public void ClosedAsIdle(BackendTraffic backend, BackendStream stream) => backend.Idle.ClosedAfter(stream.WasKeptFor, Now);

    /// <summary>Keeps one that an exchange is done with, where it is good for another one.</summary>
    /// <param name="idleTimeout">Of the pool; zero: no limit.</param>
    public void Keep(BackendTraffic backend, BackendStream stream, TimeSpan idleTimeout)
    {
        long now = Now;
        long keep = Math.Min(backend.Idle.State.Keep((long)idleTimeout.TotalMilliseconds, now), AgeLeft(stream));
        stream.IsReused = true;
        stream.KeptAt = now;
        stream.KeptUntil = keep >= long.MaxValue - now ? long.MaxValue : now + keep;
        if (keep <= 0 || !stream.LeadsThere || !TryAdd(backend, stream))
        {
            stream.Dispose();
        }
    }

    public void Dispose()
    {
        _sweep.Dispose();
        lock (_lock)
        {
            _isClosed = true;
            foreach (BackendStream stream in _kept.Values.SelectMany(k => k))
            {
                stream.Dispose();
            }

            _kept.Clear();
        }
    }

    private long AgeLeft(BackendStream stream) =>
        _ageMax > TimeSpan.Zero ? (long)(_ageMax - _time.GetElapsedTime(stream.ConnectedAt)).TotalMilliseconds : long.MaxValue;

    private bool TryAdd(BackendTraffic backend, BackendStream stream)
    {
        lock (_lock)
        {
            if (_isClosed || _count >= _limits.KeptMax)
            {
                return false;
            }

            if (!_kept.TryGetValue(backend, out List<BackendStream>? kept))
            {
                _kept.Add(backend, kept = []);
            }

            kept.Add(stream);
            _count++;
            return true;
        }
    }

    private BackendStream? TakeNewest(BackendTraffic backend, bool repeatable)
    {
        lock (_lock)
        {
            // The others were kept for longer still.
            if (!_kept.TryGetValue(backend, out List<BackendStream>? kept)
                || kept.Count == 0
                || (!repeatable && Now - kept[^1].KeptAt > backend.Idle.State.KeepForUnrepeatable))
            {
                return null;
            }

            BackendStream newest = kept[^1];
            kept.RemoveAt(kept.Count - 1);
            _count--;
            return newest;
        }
    }

    private void Drop(BackendTraffic backend, BackendStream stream)
    {
        long now = Now;
        if (stream.KeptUntil > now && stream.LeadsThere)
        {
            // The backend's end of it came first.
            backend.Idle.ClosedAfter(now - stream.KeptAt, now);
        }

        stream.Dispose();
    }

    /// <summary>Closes what is too old, what its backend has closed, and what leads to where its name does not lead any more.</summary>
    private void Sweep()
    {
        var gone = new List<(BackendTraffic Backend, BackendStream Stream)>();
        lock (_lock)
        {
            foreach ((BackendTraffic backend, List<BackendStream> kept) in _kept)
            {
                _count -= kept.RemoveAll(stream =>
                {
                    bool goes = stream.KeptUntil <= Now || !stream.LeadsThere || !stream.IsQuiet;
                    if (goes)
                    {
                        gone.Add((backend, stream));
                    }

                    return goes;
                });
                if (kept.Count == 0)
                {
                    _kept.Remove(backend);
                }
            }
        }

        gone.ForEach(g => Drop(g.Backend, g.Stream));
    }
}

using ActorLb.Engine.Routing;
using ActorLb.Engine.Transport;
using ActorLb.Shared.Backends;

namespace ActorLb.Engine.Kestrel;

/// <summary>
/// Unused connections to backends. The one that was used last is used next: it is the least likely to be closed, and the
/// others grow old and go. Any thread.
/// </summary>
internal sealed class KeptStreams : IDisposable
{
    private static readonly TimeSpan SweepInterval = TimeSpan.FromSeconds(1);

    private readonly Lock _lock = new();
    private readonly Dictionary<BackendTraffic, List<Http1Stream>> _kept = [];
    private readonly TimeProvider _time;
    private readonly ITimer _sweep;
    private readonly DataPlane _plane;
    private int _count;
    private bool _isClosed;

    public KeptStreams(DataPlane plane)
    {
        _plane = plane;
        _time = plane.Time;
        _sweep = _time.CreateTimer(static k => ((KeptStreams)k!).Sweep(), this, SweepInterval, SweepInterval);
        plane.Addresses.Changed += SweepSoon;
    }

    // Of the steady clock that all lanes tell a backend's idle limit by.
    private long Now => SteadyClock.Now(_time);

    /// <summary>One that is kept and over which nothing has come since; null where there is none.</summary>
    /// <param name="repeatable">The request can be sent again where the backend has just closed it.</param>
    public Http1Stream? Take(BackendSnapshot at, bool repeatable)
    {
        BackendTraffic backend = at.Traffic;
        while (TakeNewest(backend, repeatable) is { } stream)
        {
            stream.WasKeptFor = Now - stream.KeptAt;
            Unread unread = stream.Look();
            if (stream.Backend == at.Address && stream.KeptUntil > Now && unread == Unread.Nothing && !backend.Idle.State.IsMistrusted(Now))
            {
                return stream;
            }

            Drop(backend, stream, unread);
        }

        return null;
    }

    /// <summary>The backend closed one before it saw the request that took it.</summary>
    public void ClosedAsIdle(BackendTraffic backend, Http1Stream stream) => backend.Idle.ClosedAfter(stream.WasKeptFor, Now);

    /// <summary>Keeps one that an exchange is done with, where it is good for another one.</summary>
    /// <param name="idleTimeout">Of the pool; zero: no limit.</param>
    public void Keep(BackendTraffic backend, Http1Stream stream, TimeSpan idleTimeout)
    {
        long now = Now;
        long keep = Math.Min(backend.Idle.State.Keep((long)idleTimeout.TotalMilliseconds, now), stream.DiesAt - now);
        stream.IsReused = true;
        stream.KeptAt = now;
        stream.KeptUntil = keep >= long.MaxValue - now ? long.MaxValue : now + keep;
        if (keep <= 0 || backend.IsForgotten || !stream.LeadsThere || !stream.IsQuiet || !TryAdd(backend, stream))
        {
            stream.Dispose();
        }
    }

    public void Dispose()
    {
        _plane.Addresses.Changed -= SweepSoon;
        _sweep.Dispose();
        lock (_lock)
        {
            _isClosed = true;
            foreach (Http1Stream stream in _kept.Values.SelectMany(k => k))
            {
                stream.Dispose();
            }

            _kept.Clear();
        }
    }

    private bool TryAdd(BackendTraffic backend, Http1Stream stream)
    {
        lock (_lock)
        {
            if (_isClosed || _count >= _plane.Connections.KeptMax)
            {
                return false;
            }

            if (!_kept.TryGetValue(backend, out List<Http1Stream>? kept))
            {
                _kept.Add(backend, kept = []);
            }

            kept.Add(stream);
            _count++;
            return true;
        }
    }

    private Http1Stream? TakeNewest(BackendTraffic backend, bool repeatable)
    {
        lock (_lock)
        {
            // The others were kept for longer still.
            if (!_kept.TryGetValue(backend, out List<Http1Stream>? kept)
                || kept.Count == 0
                || (!repeatable && Now - kept[^1].KeptAt > backend.Idle.State.KeepForUnrepeatable))
            {
                return null;
            }

            Http1Stream newest = kept[^1];
            kept.RemoveAt(kept.Count - 1);
            _count--;
            return newest;
        }
    }

    private void Drop(BackendTraffic backend, Http1Stream stream, Unread unread)
    {
        long now = Now;
        if (unread == Unread.Bytes)
        {
            backend.SpokeUnasked(now);
        }
        else if (unread == Unread.End && !backend.IsForgotten)
        {
            backend.Idle.ClosedAfter(now - stream.KeptAt, now);
        }

        stream.Dispose();
    }

    // Whoever tells of a changed address does not wait for it.
    private void SweepSoon() => ThreadPool.UnsafeQueueUserWorkItem(static k => k.Sweep(), this, preferLocal: false);

    /// <summary>Closes what is too old, what its backend has closed, what is of no pool any more, and what leads to where its name does not lead any more.</summary>
    private void Sweep()
    {
        var gone = new List<(BackendTraffic Backend, Http1Stream Stream, Unread Unread)>();
        lock (_lock)
        {
            foreach ((BackendTraffic backend, List<Http1Stream> kept) in _kept)
            {
                _count -= kept.RemoveAll(stream =>
                {
                    Unread unread = stream.Look();
                    bool goes = stream.KeptUntil <= Now || backend.IsForgotten || !stream.LeadsThere || unread != Unread.Nothing;
                    if (goes)
                    {
                        gone.Add((backend, stream, unread));
                    }

                    return goes;
                });
                if (kept.Count == 0)
                {
                    _kept.Remove(backend);
                }
            }
        }

        gone.ForEach(g => Drop(g.Backend, g.Stream, g.Unread));
    }
}

using ActorLb.Engine.Transport;

namespace ActorLb.Engine.Epoll;

/// <summary>Who is to go on, in an exchange.</summary>
internal enum Awaited : byte
{
    /// <summary>With its answer.</summary>
    Backend,

    /// <summary>With its request.</summary>
    Client,

    /// <summary>Either end of a tunnel.</summary>
    TunnelsEnds,

    /// <summary>The one that has not ended yet, or that takes no more of what nobody needs.</summary>
    LastEnd,
}

/// <summary>How long an exchange waits: each limit anew when bytes have moved, and a client that has ended its side not for long.</summary>
internal struct Patience
{
    /// <summary>
    /// How long a side that is left alone is waited for. A client that has ended its side may want the answer, or be gone,
    /// and nobody can tell; a tunnel with one end has little left to say (as HAProxy's timeout client-fin and server-fin); a
    /// backend that has answered and takes no more of the request may have forgotten it, while its client waits to send.
    /// </summary>
    public static readonly TimeSpan HalfClosed = TimeSpan.FromSeconds(5);

    private long _aloneUntil;
    private long _moved;
    private Awaited _awaited;

    /// <summary>A request begins.</summary>
    public void Begin()
    {
        _aloneUntil = TimerWheel.Never;
        _moved = -1;
    }

    /// <summary>Another limit begins, whatever has moved.</summary>
    public void Renew() => _moved = -1;

    /// <summary>Whether the limit is to be set anew: news that move nothing, and leave the same side awaited, buy no time.</summary>
    /// <param name="moved">Bytes that both connections have moved until now.</param>
    public bool HasMoved(long moved, Awaited awaited)
    {
        bool hasMoved = moved != _moved || awaited != _awaited;
        _moved = moved;
        _awaited = awaited;
        return hasMoved;
    }

    /// <summary>Waits no longer than a client that has ended its side is waited for.</summary>
    public void Shorten(EventLoop loop, TimedEntry timer)
    {
        if (_aloneUntil == TimerWheel.Never)
        {
            _aloneUntil = loop.Now + (long)HalfClosed.TotalMilliseconds;
        }

        loop.Timers.Set(timer, Math.Min(timer.DueAt, _aloneUntil));
    }

    /// <summary>The client has ended its side for too long.</summary>
    public readonly bool IsOver(long now) => now >= _aloneUntil;
}

using System.Net;
using ActorLb.Engine.Listeners;
using ActorLb.Engine.Transport;

namespace ActorLb.Engine.Epoll;

/// <summary>A connection that was accepted and let in, until its loop dismisses it.</summary>
/// <param name="listener">As it was when it was accepted.</param>
/// <param name="peer">For whom it is counted: the peer, or the client whom a proxy announced.</param>
internal abstract class AcceptedConnection(LaneLoop loop, ServedListener listener, IPAddress peer) : Connection(loop)
{
    public ServedListener Listener => listener;

    public IPAddress Peer => peer;

    /// <summary>Nothing has come of what it is waited for.</summary>
    public abstract bool IsIdle { get; }

    /// <summary>Its loop hears of it from now on.</summary>
    public abstract void Start();

    /// <summary>Ends the connection; what is under way is cut off.</summary>
    public abstract void Close();

    /// <summary>The node waits no longer.</summary>
    public abstract void CutOff();

    /// <summary>Ends the connection so that the peer knows that something is missing.</summary>
    public abstract void Abort();

    /// <param name="limit">From now on; zero: there is none.</param>
    protected void SetTimer(TimeSpan limit) => Loop.Events.Timers.Set(
        this, limit > TimeSpan.Zero ? Loop.Events.Now + (long)limit.TotalMilliseconds : TimerWheel.Never);
}

using ActorLb.Engine.Transport;
using ActorLb.Shared.Backends;

namespace ActorLb.Engine.Epoll;

/// <summary>A connection to one backend: connecting, in use by one exchange, or kept for the next.</summary>
internal sealed class BackendConnection(LaneLoop loop, BackendTraffic backend) : Connection(loop)
{
    /// <summary>The backend that it leads to, by what is its own for as long as the node lives.</summary>
    public BackendTraffic Backend => backend;

    /// <summary>Who uses it now; null where it is kept.</summary>
    public Exchange? Exchange { get; set; }

    public bool IsConnecting { get; set; }

    /// <summary>It has carried an answer before: the backend may close it as idle at any moment.</summary>
    public bool IsReused { get; set; }

    public void Close() => Close(reset: false);

    public void Reset() => Close(reset: true);

    protected internal override void OnReady(Readiness readiness)
    {
        Note(readiness);
        if (IsConnecting)
        {
            if ((readiness & (Readiness.Writable | Readiness.Broken)) != 0)
            {
                IsConnecting = false;
                Exchange!.OnConnected(Loop.Events.Sockets.ConnectError(Socket));
            }
        }
        else if (Exchange is { } exchange)
        {
            exchange.Advance();
        }
        else if (IsReadable)
        {
            // The end of it, or bytes that nobody asked for.
            Loop.Backends.Drop(this);
        }
    }

    protected internal override void OnResume() => Exchange?.Advance();

    protected internal override void OnDue() => Loop.Backends.Drop(this);

    protected internal override void OnFault()
    {
        if (Exchange is { } exchange)
        {
            exchange.OnFault();
        }
        else
        {
            Loop.Backends.Drop(this);
        }
    }
}

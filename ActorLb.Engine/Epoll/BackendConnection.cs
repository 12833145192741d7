using ActorLb.Engine.Transport;

namespace ActorLb.Engine.Epoll;

/// <summary>A connection to one backend: connecting, in use by one exchange, or kept for the next.</summary>
/// <param name="kept">Those of its backend that are kept for the next, where it goes too.</param>
internal sealed class BackendConnection(LaneLoop loop, List<BackendConnection> kept) : Connection(loop)
{
    public List<BackendConnection> Kept => kept;

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
                Exchange!.OnConnected(ConnectError());
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

    // A backend may accept, answer and close with a reset before the loop looks: its answer is there.
    private int ConnectError()
    {
        int error = Loop.Events.Sockets.ConnectError(Socket);
        return error is -Linux.ConnectionReset or -Linux.BrokenPipe && Receive(BufferPool.MediumBytes) == ReceiveResult.Got ? 0 : error;
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

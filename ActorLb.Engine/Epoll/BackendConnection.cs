using System.Net;
using ActorLb.Engine.Backends;
using ActorLb.Engine.Routing;
using ActorLb.Engine.Transport;
using ActorLb.Shared.Backends;
using ActorLb.Shared.Settings;

namespace ActorLb.Engine.Epoll;

/// <summary>A connection to one backend: connecting, in use by one exchange, or kept for the next.</summary>
/// <param name="kept">Those of its backend that are kept for the next, where it goes too.</param>
/// <param name="traffic">Of its backend.</param>
internal sealed class BackendConnection(LaneLoop loop, List<BackendConnection> kept, BackendTraffic traffic) : Connection(loop)
{
    public List<BackendConnection> Kept => kept;

    /// <summary>Where it leads.</summary>
    public required BackendHost Host { get; init; }

    /// <summary>The backend's address when it was made: one that keeps its id may have another one since.</summary>
    public required Uri Backend { get; set; }

    /// <summary>The one of the host's addresses that took it.</summary>
    public required IPEndPoint Address { get; init; }

    /// <summary>When it is too old to be used again, in the loop's milliseconds.</summary>
    public long DiesAt { get; init; }

    /// <summary>When it was kept for the next.</summary>
    public long KeptAt { get; set; }

    /// <summary>How long it had been kept when it was taken.</summary>
    public long WasKeptFor { get; set; }

    /// <summary>The backend closed it while it was kept, or before it saw the request that took it.</summary>
    public void ClosedAsIdle(long idle)
    {
        // A client's own connection lives as long as the client does, whatever the backend's other ones do.
        if (Owner is null)
        {
            traffic.Idle.ClosedAfter(idle, Loop.Events.Now);
        }
    }

    /// <summary>
    /// What has come over it since its last answer, to be asked right before a request goes out. What a backend says before it
    /// was asked answers nobody, and HTTP/1.1 has no other sign of whom an answer is for: with such bytes, or with its end, the
    /// connection carries no request any more.
    /// </summary>
    public Unread Look()
    {
        if (!IsReadable && !Loop.Events.MayHaveNews(this))
        {
            return Unread.Nothing;
        }

        Unread unread = Loop.Events.Sockets.Peek(Socket);
        if (unread == Unread.Bytes)
        {
            traffic.SpokeUnasked(Loop.Events.Now);
        }

        if (IsReused && (unread == Unread.End || PeerEnded))
        {
            ClosedAsIdle(Loop.Events.Now - KeptAt);
        }

        return unread;
    }

    /// <summary>Who uses it now; null where it is kept.</summary>
    public Exchange? Exchange { get; set; }

    public bool IsConnecting { get; set; }

    /// <summary>It has carried an answer before: the backend may close it as idle at any moment.</summary>
    public bool IsReused { get; set; }

    /// <summary>
    /// The one client that it serves: it began with his name, or was authenticated, or offered to be
    /// (<see cref="Http1.ConnectionAuthentication"/>). Null: it is anybody's.
    /// </summary>
    public ClientConnection? Owner { get; private set; }

    /// <summary>Where it leads, if somebody owns it.</summary>
    public BackendSnapshot? OwnedAt { get; private set; }

    /// <summary>It was authenticated, or offered to be: what its owner asks without a session is asked there.</summary>
    public bool IsAuthenticated { get; private set; }

    /// <summary>The header of the PROXY protocol with which it began, in its owner's name.</summary>
    public ProxyHeaderVersion Header { get; private set; }

    /// <summary>It is authenticated, or may be: from now on it is never kept for anybody else.</summary>
    public void BelongTo(ClientConnection client, BackendSnapshot backend)
    {
        Owner = client;
        OwnedAt = backend;
        IsAuthenticated = true;
    }

    /// <summary>It begins in the client's name: it is never kept for anybody else.</summary>
    public void Name(ClientConnection client, BackendSnapshot backend, ProxyHeaderVersion header)
    {
        Owner = client;
        OwnedAt = backend;
        Header = header;
    }

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
        else if (IsReadable && Look() != Unread.Nothing)
        {
            Drop();
        }
    }

    protected internal override void OnResume() => Exchange?.Advance();

    protected internal override void OnDue() => Drop();

    protected internal override void OnFault()
    {
        if (Exchange is { } exchange)
        {
            exchange.OnFault();
        }
        else
        {
            Drop();
        }
    }

    private void Drop()
    {
        Owner?.Forget(this);
        Loop.Backends.Drop(this);
    }
}

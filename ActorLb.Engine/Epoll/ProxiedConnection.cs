using System.Net;
using ActorLb.Engine.Listeners;
using ActorLb.Engine.ProxyProtocol;
using ActorLb.Engine.Transport;

namespace ActorLb.Engine.Epoll;

/// <summary>
/// A connection of a proxy that has not said yet whom it brings: its PROXY header is read, and then it is that client's. What does not
/// begin with one is closed.
/// </summary>
internal sealed class ProxiedConnection(LaneLoop loop, ServedListener listener, IPAddress proxy) : AcceptedConnection(loop, listener, proxy)
{
    private bool _isOver;

    public override bool IsIdle => Input.Length == 0;

    public override void Start() => SetTimer(Loop.Limits.FirstByteTimeout);

    public override void Close() => Leave(reset: false);

    public override void CutOff() => Leave(reset: false);

    public override void Abort() => Leave(reset: true);

    protected internal override void OnReady(Readiness readiness)
    {
        Note(readiness);
        Read();
    }

    protected internal override void OnResume() => Read();

    protected internal override void OnDue() => Refuse(ProxyHeaderFault.Late);

    protected internal override void OnFault() => Abort();

    private void Read()
    {
        while (!_isOver)
        {
            switch (Receive(BufferPool.SmallBytes))
            {
                case ReceiveResult.Got:
                    Look();
                    break;
                case ReceiveResult.Blocked:
                    Rest();
                    return;

                // Balancers of connections open one and close it to see whether somebody is there.
                case ReceiveResult.Ended when Input.Length > 0:
                    Refuse(ProxyHeaderFault.Unfinished);
                    return;
                default:
                    Leave(reset: false);
                    return;
            }
        }
    }

    private void Look()
    {
        ProxyHeaderResult result = ProxyHeaderParser.Parse(Input.Unread);
        if (result.Status == ProxyHeaderStatus.Rejected)
        {
            Refuse(result.Fault);
        }
        else if (result.IsComplete)
        {
            Input.Start += result.Consumed;
            Become(result.Client);
        }
    }

    private void Rest()
    {
        if (Input.Length > 0)
        {
            return;
        }

        ReleaseInput();
        if (Loop.IsClosing || Listener.Socket.ClosesIdle)
        {
            Leave(reset: false);
        }
    }

    /// <summary>Goes on as the client's connection, with what has come of its first request.</summary>
    /// <param name="announced">Null: the proxy itself is the client.</param>
    private void Become(AnnouncedClient? announced)
    {
        if (announced is not null && !Loop.Parts.Clients.TryCount(Listener, announced.Source.Address))
        {
            Leave(reset: false);
            return;
        }

        var client = new ClientConnection(Loop, Listener, announced?.Source.Address ?? Peer, announced);
        client.Input = Input;
        Input = default;
        int socket = Detach();
        _isOver = true;
        Loop.Replace(this, client);
        try
        {
            Loop.Events.Register(client, socket);
            client.Start();
        }
        catch
        {
            client.Abort();
            throw;
        }
    }

    private void Refuse(ProxyHeaderFault fault)
    {
        Loop.Parts.Plane.ProxyHeaders.Refuse(Peer, fault);
        Leave(reset: false);
    }

    private void Leave(bool reset)
    {
        if (!_isOver)
        {
            _isOver = true;

            // First: a client that sees its end and comes again finds its room free.
            Loop.Dismiss(this);
            Close(reset);
        }
    }
}

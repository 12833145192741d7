using System.Net;
using ActorLb.Engine.Listeners;
using ActorLb.Engine.Transport;

namespace ActorLb.Engine.Epoll;

/// <summary>
/// Takes new clients in. All loops watch the one listening socket, and the system wakes one of them; who has more
/// clients than another loop hands the new one over, so that a few long connections do not crowd on one.
/// </summary>
internal sealed class Acceptor(LaneLoop loop, ServedListener listener, IReadOnlyList<LaneLoop> loops) : EventSource
{
    /// <summary>Clients that are taken in before others have their turn.</summary>
    private const int ClientsPerTurn = 64;

    /// <summary>Without descriptors or memory nobody can be taken in, and the socket would be news again at once.</summary>
    private const long PauseMilliseconds = 100;

    public ServedListener Listener => listener;

    /// <summary>Its socket is not watched for a moment.</summary>
    public bool IsPaused { get; set; }

    protected internal override void OnReady(Readiness readiness)
    {
        for (int taken = 0; taken < ClientsPerTurn; taken++)
        {
            int socket = loop.Events.Sockets.Accept(Socket, out IPAddress? peer);
            if (socket is -Linux.TooManyFiles or -Linux.TooManyFilesInSystem or -Linux.NoBuffers or -Linux.NoMemory)
            {
                loop.Events.PauseListener(this);
                IsPaused = true;
                loop.Events.Timers.Set(this, loop.Events.Now + PauseMilliseconds);
                return;
            }

            if (socket < 0)
            {
                // No more wait, or one was gone before it was taken in.
                return;
            }

            listener.Socket.LetIn(socket);
            Admit(socket, peer!);
        }
    }

    protected internal override void OnFault()
    {
        // The next client may be served.
    }

    protected internal override void OnDue()
    {
        loop.Events.ResumeListener(this);
        IsPaused = false;
    }

    private void Admit(int socket, IPAddress peer)
    {
        if (!loop.Parts.Clients.TryAdmit(listener, peer))
        {
            loop.Events.Sockets.Close(socket, reset: false);
            return;
        }

        LaneLoop least = loop;
        foreach (LaneLoop other in loops)
        {
            least = other.ClientCount < least.ClientCount ? other : least;
        }

        // Before the other loop has it, so that the next one is shared out rightly.
        least.Expect();
        if (ReferenceEquals(least, loop))
        {
            Start(loop, socket, peer);
        }
        else
        {
            LaneLoop taker = least;
            taker.Events.Post(() => Start(taker, socket, peer));
        }
    }

    private void Start(LaneLoop taker, int socket, IPAddress peer)
    {
        AcceptedConnection client = listener.Settings.ExpectsProxyHeader(peer)
            ? new ProxiedConnection(taker, listener, peer)
            : new ClientConnection(taker, listener, peer);
        taker.Admit(client);
        try
        {
            taker.Events.Register(client, socket);
            client.Start();
        }
        catch
        {
            client.Abort();
            throw;
        }
    }
}

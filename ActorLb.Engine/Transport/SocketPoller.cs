using System.Net;

namespace ActorLb.Engine.Transport;

/// <summary>
/// Sockets and the waiting for them, as one loop uses them: the system's, or a test's. Nothing here blocks but
/// <see cref="Wait"/>. Results below 0 are the error's number (errno), negated.
/// </summary>
internal abstract unsafe class SocketPoller : IDisposable
{
    public const int WouldBlock = -Linux.Again;

    /// <summary>The tag of <see cref="Wake"/>.</summary>
    public const ulong WakeTag = ulong.MaxValue;

    /// <summary>Bytes received; 0 at the end of what the peer sends.</summary>
    public abstract int Receive(int socket, byte* into, int length);

    /// <summary>Whether something is there to be received, or the peer has ended; takes nothing.</summary>
    public abstract Unread Peek(int socket);

    /// <param name="more">Another piece follows at once.</param>
    public abstract int Send(int socket, byte* from, int length, bool more);

    /// <summary>Sends parts that lie in different places as one.</summary>
    public abstract int Send(int socket, Linux.Part* parts, int count);

    /// <summary>The next connection of a listening socket.</summary>
    /// <param name="peer">Where it comes from; null where it came to nothing.</param>
    public abstract int Accept(int listener, out IPAddress? peer);

    /// <summary>Both ends of a connection; null where nobody can tell, or it is gone.</summary>
    public virtual (IPEndPoint Peer, IPEndPoint Local)? Ends(int socket) => null;

    /// <summary>A socket that is connecting: it is writable when that is decided (<see cref="ConnectError"/>).</summary>
    public abstract int Connect(IPEndPoint address);

    /// <summary>How connecting ended: 0, or an error.</summary>
    public abstract int ConnectError(int socket);

    /// <summary>Bytes that the peer has taken of what was sent; null where nobody can tell.</summary>
    public virtual long? Acked(int socket) => null;

    /// <summary>Tells the peer that nothing more comes.</summary>
    public abstract void EndSending(int socket);

    /// <param name="reset">The peer hears that the connection broke, instead of a proper end.</param>
    public abstract void Close(int socket, bool reset);

    /// <summary>From now on news of the socket come with this tag, each once (edge-triggered).</summary>
    public abstract void Add(int socket, ulong tag);

    /// <summary>The same of a listening socket that several loops watch: one of them is told, again until nobody waits.</summary>
    public abstract void AddListener(int socket, ulong tag);

    /// <summary>No more news of the socket, which stays open.</summary>
    public abstract void Remove(int socket);

    /// <summary>Waits for news.</summary>
    /// <param name="milliseconds">At most; 0 only looks, -1 waits for ever.</param>
    public abstract int Wait(Span<ReadyEvent> events, int milliseconds);

    /// <summary>Ends a wait; from any thread.</summary>
    public abstract void Wake();

    public abstract void Dispose();
}

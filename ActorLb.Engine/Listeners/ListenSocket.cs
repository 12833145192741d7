using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;

namespace ActorLb.Engine.Listeners;

/// <summary>
/// An address that this node has, with the kernel's queue behind it. Bound when made; listens when told. Several acceptors, of
/// both lanes, may accept from it at a time. Closing it resets whatever its queue holds, which clients see as a broken request;
/// so before that, new connections are kept out while those that are in are accepted and answered.
/// </summary>
internal sealed class ListenSocket : IDisposable
{
    private const int Backlog = 4096;

    // linux/socket.h, linux/filter.h.
    private const int SolSocket = 1;
    private const int SoReusePort = 15;
    private const int SoAttachFilter = 26;
    private const int SoDetachFilter = 27;

    // netinet/tcp.h: of a listening socket, the option says in tcpi_unacked how many connections wait to be accepted.
    private const int IpProtoTcp = 6;
    private const int TcpInfo = 11;
    private const int UnackedOffset = 24;

    /// <summary>Classic BPF over the TCP header: a segment with SYN is dropped, all others pass.</summary>
    private static readonly FilterStep[] NoSyn =
    [
        new(0x30, 0, 0, 13),         // A = byte 13: the flags
        new(0x45, 0, 1, 0x02),       // SYN?
        new(0x06, 0, 0, 0),          // drop
        new(0x06, 0, 0, uint.MaxValue),
    ];

    private volatile bool _isLeaving;
    private volatile bool _closesIdle;
    private volatile IConnectionTaker? _successor;
    private bool _listens;

    /// <summary>Binds, and does not listen: nobody can connect, and another process that listens there is found out.</summary>
    /// <param name="sharesPort">Beside another socket of this process at the same port that does as well.</param>
    /// <exception cref="SocketException">The address cannot be had.</exception>
    public ListenSocket(IPEndPoint bind, bool sharesPort = false)
    {
        Bind = bind;
        Socket = sharesPort ? BoundBesideAnother(bind) : SocketTransportOptions.CreateDefaultBoundListenSocket(bind);
        Socket.Blocking = false;
        Socket.NoDelay = true;
        Local = (IPEndPoint)Socket.LocalEndPoint!;
        SharesPort = sharesPort;
    }

    /// <summary>As it was asked for.</summary>
    public IPEndPoint Bind { get; }

    /// <summary>Where it is; a port of 0 is the real one here.</summary>
    public IPEndPoint Local { get; }

    public Socket Socket { get; }

    /// <summary>Its listener is gone: the answers to its clients end their connections.</summary>
    public bool IsLeaving
    {
        get => _isLeaving;
        set => _isLeaving = value;
    }

    /// <summary>It is closed, and whoever came by it and has nothing under way is closed as well.</summary>
    public bool ClosesIdle
    {
        get => _closesIdle;
        set => _closesIdle = value;
    }

    /// <summary>Who takes connections that came by it from the event loops when their next request begins; null: they stay.</summary>
    public IConnectionTaker? Successor
    {
        get => _successor;
        set => _successor = value;
    }

    /// <summary>See <see cref="SharePort"/>.</summary>
    public bool SharesPort { get; private set; }

    /// <summary>Connections that the kernel has made and nobody has accepted yet; 0 where the system does not tell.</summary>
    public int Waiting
    {
        get
        {
            if (!OperatingSystem.IsLinux() || !_listens)
            {
                return 0;
            }

            Span<byte> info = stackalloc byte[UnackedOffset + sizeof(int)];
            try
            {
                int length = Socket.GetRawSocketOption(IpProtoTcp, TcpInfo, info);
                return length < info.Length ? 0 : BitConverter.ToInt32(info[UnackedOffset..]);
            }
            catch (Exception e) when (e is SocketException or ObjectDisposedException)
            {
                return 0;
            }
        }
    }

    /// <summary>From now on clients can connect. More than once is once.</summary>
    /// <exception cref="SocketException">Another process listens there since it was bound.</exception>
    public void Listen()
    {
        if (!_listens)
        {
            Socket.Listen(Backlog);
            _listens = true;
        }
    }

    /// <summary>Whether another socket of this user may be bound to the same port of another address that covers it, or is covered by it.</summary>
    public void SharePort(bool shares)
    {
        if (!OperatingSystem.IsLinux())
        {
            return;
        }

        try
        {
            Set(Socket, SoReusePort, shares ? 1 : 0);
            SharesPort = shares;
        }
        catch (ObjectDisposedException)
        {
            // Closed meanwhile: it is in nobody's way.
        }
    }

    /// <summary>
    /// From now on nobody new connects: the kernel lets the client's first packet drop, and the client finds the port
    /// closed, or another socket there, when it repeats it. Where the system has no such filter, nothing changes.
    /// </summary>
    public void Shut()
    {
        if (!OperatingSystem.IsLinux())
        {
            return;
        }

        GCHandle steps = GCHandle.Alloc(NoSyn, GCHandleType.Pinned);
        try
        {
            var program = new FilterProgram((ushort)NoSyn.Length, steps.AddrOfPinnedObject());
            Socket.SetRawSocketOption(SolSocket, SoAttachFilter, MemoryMarshal.AsBytes(new ReadOnlySpan<FilterProgram>(in program)));
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // A kernel without filters: clients may see a reset, as with any other server.
        }
        finally
        {
            steps.Free();
        }
    }

    /// <summary>It is wanted again after <see cref="Shut"/>.</summary>
    public void Reopen()
    {
        IsLeaving = false;
        if (OperatingSystem.IsLinux())
        {
            try
            {
                Set(Socket, SoDetachFilter, 0);
            }
            catch (SocketException)
            {
                // It was not shut yet.
            }
        }
    }

    public void Dispose() => Socket.Dispose();

    private static Socket BoundBesideAnother(IPEndPoint bind)
    {
        var socket = new Socket(bind.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            if (bind.Address.Equals(IPAddress.IPv6Any))
            {
                socket.DualMode = true;
            }

            Set(socket, SoReusePort, 1);
            socket.Bind(bind);
            return socket;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    private static void Set(Socket socket, int option, int value) =>
        socket.SetRawSocketOption(SolSocket, option, MemoryMarshal.AsBytes(new ReadOnlySpan<int>(in value)));

    /// <summary>struct sock_filter.</summary>
    private readonly record struct FilterStep(ushort Code, byte IfTrue, byte IfFalse, uint Value);

    /// <summary>struct sock_fprog.</summary>
    private readonly record struct FilterProgram(ushort Length, nint Steps);
}

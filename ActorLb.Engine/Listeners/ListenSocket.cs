using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using ActorLb.Engine.Transport;
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

    // linux/socket.h, linux/in.h, linux/in6.h.
    private const int SolSocket = 1;
    private const int SoReusePort = 15;
    private const int IpProtoIp = 0;
    private const int IpMinTtl = 21;
    private const int IpProtoIpv6 = 41;
    private const int Ipv6MinHopCount = 73;

    /// <summary>More than packets of anybody have left who did not begin with the most there is; those of Linux begin with 64, of Windows with 128.</summary>
    private const int NobodysHops = 255;

    // netinet/tcp.h: of a listening socket, the option says in tcpi_unacked how many connections wait to be accepted.
    private const int IpProtoTcp = 6;
    private const int TcpInfo = 11;
    private const int UnackedOffset = 24;

    private static readonly (int Level, int Option)[] AllHops = [(IpProtoIp, IpMinTtl), (IpProtoIpv6, Ipv6MinHopCount)];

    private volatile bool _isLeaving;
    private volatile bool _closesIdle;
    private volatile IConnectionTaker? _successor;
    private volatile bool _wasShut;
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

    // A socket of IPv6 has clients of both families.
    private ReadOnlySpan<(int Level, int Option)> HopOptions => Bind.AddressFamily == AddressFamily.InterNetworkV6 ? AllHops : AllHops.AsSpan(0, 1);

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
    /// From now on nobody new connects: the kernel lets the client's first packet drop, as one that came from too far (RFC 5082), and
    /// the client finds the port closed, or another socket there, when it repeats it. It needs no privilege, as a filter does with many
    /// kernels. Where the system has no such option, nothing changes.
    /// </summary>
    public void Shut()
    {
        _wasShut = true;
        TryRequireHops(NobodysHops);
    }

    /// <summary>It is wanted again after <see cref="Shut"/>.</summary>
    public void Reopen()
    {
        IsLeaving = false;
        if (_wasShut)
        {
            TryRequireHops(0);
        }
    }

    /// <summary>A connection was accepted from it: one whose handshake ended behind <see cref="Shut"/> has inherited what keeps others out.</summary>
    public void LetIn(nint accepted)
    {
        if (!_wasShut || !OperatingSystem.IsLinux())
        {
            return;
        }

        int hops = 0;
        foreach ((int level, int option) in HopOptions)
        {
            Linux.Set((int)accepted, level, option, hops);
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

    private void TryRequireHops(int hops)
    {
        if (!OperatingSystem.IsLinux())
        {
            return;
        }

        foreach ((int level, int option) in HopOptions)
        {
            try
            {
                Socket.SetRawSocketOption(level, option, MemoryMarshal.AsBytes(new ReadOnlySpan<int>(in hops)));
            }
            catch (Exception e) when (e is SocketException or ObjectDisposedException)
            {
                // Closed, or a kernel without it: clients may see a reset, as with any other server.
            }
        }
    }
}

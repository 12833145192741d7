using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;

namespace ActorLb.Engine.Listeners;

/// <summary>
/// The listening sockets of a lane. Closing one resets whatever its kernel queue holds, which clients see as a broken
/// request; so before that, new connections are kept out while those that are in are accepted and answered.
/// </summary>
internal sealed class ListenGate
{
    // linux/socket.h, linux/filter.h.
    private const int SolSocket = 1;
    private const int SoAttachFilter = 26;

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

    private readonly List<Socket> _sockets = [];
    private readonly List<(EndPoint EndPoint, Socket Socket)> _held = [];

    /// <summary>Binds, and does not listen: nobody can connect, and another process that listens there is found out.</summary>
    /// <exception cref="SocketException">The address cannot be had.</exception>
    public void Hold(EndPoint endpoint) => _held.Add((endpoint, SocketTransportOptions.CreateDefaultBoundListenSocket(endpoint)));

    /// <summary>Gives up what is held and was not used.</summary>
    public void Release()
    {
        _held.ForEach(h => h.Socket.Dispose());
        _held.Clear();
    }

    /// <summary>For the transport: what is held for the address, else as the transport binds by itself; and remembered.</summary>
    public Socket Bind(EndPoint endpoint)
    {
        int held = _held.FindIndex(h => h.EndPoint.Equals(endpoint));
        Socket socket = held < 0 ? SocketTransportOptions.CreateDefaultBoundListenSocket(endpoint) : _held[held].Socket;
        if (held >= 0)
        {
            _held.RemoveAt(held);
        }

        _sockets.Add(socket);
        return socket;
    }

    /// <summary>Connections that the kernel has made and nobody has accepted yet; 0 where the system does not tell.</summary>
    public int Waiting => OperatingSystem.IsLinux() ? Tcp.Sum(WaitingAt) : 0;

    private IEnumerable<Socket> Tcp => _sockets.Where(s => s.AddressFamily is AddressFamily.InterNetwork or AddressFamily.InterNetworkV6);

    /// <summary>
    /// From now on nobody new connects: the kernel lets the client's first packet drop, and the client finds the port
    /// closed when it repeats it. Where the system has no such filter, nothing changes.
    /// </summary>
    public void Shut()
    {
        if (OperatingSystem.IsLinux())
        {
            foreach (Socket socket in Tcp)
            {
                Attach(socket);
            }
        }
    }

    private static int WaitingAt(Socket socket)
    {
        Span<byte> info = stackalloc byte[UnackedOffset + sizeof(int)];
        try
        {
            int length = socket.GetRawSocketOption(IpProtoTcp, TcpInfo, info);
            return length < info.Length ? 0 : BitConverter.ToInt32(info[UnackedOffset..]);
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            return 0;
        }
    }

    private static void Attach(Socket socket)
    {
        GCHandle steps = GCHandle.Alloc(NoSyn, GCHandleType.Pinned);
        try
        {
            var program = new FilterProgram((ushort)NoSyn.Length, steps.AddrOfPinnedObject());
            socket.SetRawSocketOption(SolSocket, SoAttachFilter, MemoryMarshal.AsBytes(new ReadOnlySpan<FilterProgram>(in program)));
        }
        catch (SocketException)
        {
            // A kernel without filters: clients may see a reset, as with any other server.
        }
        finally
        {
            steps.Free();
        }
    }

    /// <summary>struct sock_filter.</summary>
    private readonly record struct FilterStep(ushort Code, byte IfTrue, byte IfFalse, uint Value);

    /// <summary>struct sock_fprog.</summary>
    private readonly record struct FilterProgram(ushort Length, nint Steps);
}

using System.Buffers.Binary;
using System.ComponentModel;
using System.Net;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace ActorLb.Engine.Transport;

/// <summary>Linux sockets with epoll, edge-triggered (man 7 epoll).</summary>
internal unsafe class EpollPoller : SocketPoller
{
    private const int EventsMax = 512;
    private const int AddressBytesMax = 28;

    // struct epoll_event is packed on x86-64 only.
    private static readonly int EventBytes = RuntimeInformation.ProcessArchitecture == Architecture.X64 ? 12 : 16;
    private static readonly int TagAt = EventBytes - sizeof(ulong);

    private readonly byte* _events = (byte*)NativeMemory.Alloc((nuint)(EventsMax * EventBytes));
    private readonly int _poll;
    private readonly int _wake;

    /// <exception cref="Win32Exception">The system has no epoll, or no descriptors left.</exception>
    public EpollPoller()
    {
        _poll = Checked(Linux.CreatePoll(Linux.CloseOnExec));
        _wake = Checked(Linux.CreateEvent(0, Linux.SocketNonBlocking | Linux.CloseOnExec));
        Control(_wake, Linux.EventIn | Linux.EventEdge, WakeTag);
    }

    /// <summary>Whether this system has what the lane needs; else why not.</summary>
    public static string? Unavailable
    {
        get
        {
            if (!OperatingSystem.IsLinux())
            {
                return "only Linux has epoll";
            }

            try
            {
                new EpollPoller().Dispose();
                return null;
            }
            catch (Exception e) when (e is Win32Exception or DllNotFoundException or EntryPointNotFoundException)
            {
                return $"this system gives no epoll ({e.Message})";
            }
        }
    }

    public override int Receive(int socket, byte* into, int length)
    {
        nint received = Linux.Receive(socket, into, length, 0);
        return received >= 0 ? (int)received : -Linux.LastError;
    }

    public override Unread Peek(int socket)
    {
        byte* first = stackalloc byte[FarewellMessage.Bytes];
        nint found = Linux.Receive(socket, first, FarewellMessage.Bytes, Linux.PeekWithoutWaiting);
        return found > 0 ? FarewellMessage.Meaning(new ReadOnlySpan<byte>(first, (int)found))
            : found < 0 && Linux.LastError == Linux.Again ? Unread.Nothing : Unread.End;
    }

    public override int Send(int socket, byte* from, int length, bool more)
    {
        nint sent = Linux.Send(socket, from, length, more ? Linux.NoSignal | Linux.MoreFollows : Linux.NoSignal);
        return sent >= 0 ? (int)sent : -Linux.LastError;
    }

    public override int Send(int socket, Linux.Part* parts, int count)
    {
        var message = new Linux.MessageHeader { Parts = parts, PartCount = count };
        nint sent = Linux.SendMessage(socket, &message, Linux.NoSignal);
        return sent >= 0 ? (int)sent : -Linux.LastError;
    }

    public override int Accept(int listener, out IPAddress? peer)
    {
        byte* address = stackalloc byte[AddressBytesMax];
        int length = AddressBytesMax;
        int socket = Linux.Accept(listener, address, &length, Linux.SocketNonBlocking | Linux.CloseOnExec);
        if (socket < 0)
        {
            peer = null;
            return -Linux.LastError;
        }

        peer = AddressIn(address);
        return socket;
    }

    public override (IPEndPoint Peer, IPEndPoint Local)? Ends(int socket)
    {
        byte* peer = stackalloc byte[AddressBytesMax];
        byte* local = stackalloc byte[AddressBytesMax];
        int peerLength = AddressBytesMax;
        int localLength = AddressBytesMax;
        return Linux.PeerName(socket, peer, &peerLength) == 0 && Linux.SocketName(socket, local, &localLength) == 0
            ? (EndIn(peer), EndIn(local))
            : null;
    }

    public override int Connect(IPEndPoint address)
    {
        SocketAddress serialized = address.Serialize();
        int socket = Linux.Socket(
            (int)serialized.Family == (int)System.Net.Sockets.AddressFamily.InterNetworkV6 ? Linux.AddressV6 : Linux.AddressV4,
            Linux.SocketStream | Linux.SocketNonBlocking | Linux.CloseOnExec,
            0);
        if (socket < 0)
        {
            return -Linux.LastError;
        }

        int on = 1;
        _ = Linux.SetOption(socket, Linux.LevelTcp, Linux.OptionNoDelay, &on, sizeof(int));
        fixed (byte* bytes = serialized.Buffer.Span)
        {
            if (Linux.Connect(socket, bytes, serialized.Size) == 0)
            {
                return socket;
            }
        }

        int error = Linux.LastError;
        if (error != Linux.InProgress)
        {
            _ = Linux.Close(socket);
            return -error;
        }

        return socket;
    }

    public override int ConnectError(int socket)
    {
        int error = 0;
        int length = sizeof(int);
        return Linux.GetOption(socket, Linux.LevelSocket, Linux.OptionError, &error, &length) == 0 ? -error : -Linux.LastError;
    }

    public override long? Acked(int socket)
    {
        byte* info = stackalloc byte[TcpFigures.Bytes];
        int length = TcpFigures.Bytes;
        return Linux.GetOption(socket, TcpFigures.Level, TcpFigures.Option, info, &length) == 0 && length == TcpFigures.Bytes
            ? TcpFigures.Acked(new ReadOnlySpan<byte>(info, length))
            : null;
    }

    public override void EndSending(int socket) => _ = Linux.Shutdown(socket, Linux.ShutdownWrite);

    public override void Close(int socket, bool reset)
    {
        if (reset)
        {
            var linger = new Linux.Linger { On = 1 };
            _ = Linux.SetOption(socket, Linux.LevelSocket, Linux.OptionLinger, &linger, sizeof(Linux.Linger));
        }

        _ = Linux.Close(socket);
    }

    public override void Add(int socket, ulong tag) =>
        Control(socket, Linux.EventIn | Linux.EventOut | Linux.EventPeerEnded | Linux.EventEdge, tag);

    public override void AddListener(int socket, ulong tag) => Control(socket, Linux.EventIn | Linux.EventExclusive, tag);

    public override void Remove(int socket) => Control(Linux.ControlDelete, socket, 0, 0);

    public override int Wait(Span<ReadyEvent> events, int milliseconds)
    {
        int found = Linux.Wait(_poll, _events, Math.Min(events.Length, EventsMax), milliseconds);
        if (found < 0)
        {
            int error = Linux.LastError;
            return error == Linux.Interrupted ? 0 : throw new Win32Exception(error);
        }

        byte* at = _events;
        for (int i = 0; i < found; i++, at += EventBytes)
        {
            ulong tag = Unsafe.ReadUnaligned<ulong>(at + TagAt);
            if (tag == WakeTag)
            {
                ulong count64;
                _ = Linux.Read(_wake, &count64, sizeof(ulong));
            }

            events[i] = new ReadyEvent(tag, Meaning(Unsafe.ReadUnaligned<uint>(at)));
        }

        return found;
    }

    public override void Wake()
    {
        ulong one = 1;
        _ = Linux.Write(_wake, &one, sizeof(ulong));
    }

    public override void Dispose()
    {
        _ = Linux.Close(_wake);
        _ = Linux.Close(_poll);
        NativeMemory.Free(_events);
    }

    private static Readiness Meaning(uint bits)
    {
        var readiness = Readiness.None;
        readiness |= (bits & Linux.EventIn) != 0 ? Readiness.Readable : 0;
        readiness |= (bits & Linux.EventOut) != 0 ? Readiness.Writable : 0;
        readiness |= (bits & Linux.EventPeerEnded) != 0 ? Readiness.PeerEnded : 0;
        return readiness | ((bits & (Linux.EventError | Linux.EventHangUp)) != 0 ? Readiness.Broken : 0);
    }

    private static int Checked(int result) => result >= 0 ? result : throw new Win32Exception(Linux.LastError);

    private void Control(int socket, uint events, ulong tag) => Control(Linux.ControlAdd, socket, events, tag);

    private void Control(int operation, int socket, uint events, ulong tag)
    {
        byte* added = stackalloc byte[16];
        Unsafe.WriteUnaligned(added, events);
        Unsafe.WriteUnaligned(added + TagAt, tag);
        Checked(Linux.Control(_poll, operation, socket, added));
    }

    // struct sockaddr_in: family, port, address; sockaddr_in6: family, port, flow, address, scope.
    private static IPAddress AddressIn(byte* name) => Unsafe.ReadUnaligned<ushort>(name) == Linux.AddressV6
        ? new IPAddress(new ReadOnlySpan<byte>(name + 8, 16))
        : new IPAddress(new ReadOnlySpan<byte>(name + 4, 4));

    private static IPEndPoint EndIn(byte* name) => new(AddressIn(name), BinaryPrimitives.ReadUInt16BigEndian(new ReadOnlySpan<byte>(name + 2, sizeof(ushort))));
}

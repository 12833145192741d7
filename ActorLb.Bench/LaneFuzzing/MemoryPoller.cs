using System.Net;
using ActorLb.Bench.Http1.Fuzzing;
using ActorLb.Engine.Transport;

namespace ActorLb.Bench.LaneFuzzing;

/// <summary>Sockets in memory for one loop: edge-triggered news in any order, partial sends, interruptions, full tables.</summary>
internal sealed unsafe class MemoryPoller(MemoryNetwork network) : SocketPoller
{
    /// <summary>How seldom a call is interrupted or finds no memory.</summary>
    private const int RareOnceIn = 64;

    private readonly List<MemorySocket> _registered = [];
    private ulong? _listener;
    private bool _isAwake;

    /// <summary>Whether a wait would find something.</summary>
    public bool HasNews =>
        _isAwake || (_listener is not null && network.IsAnyoneArriving) || _registered.Exists(s => s is { HasNews: true, IsConnecting: false, Tag: not null });

    public override int Receive(int socket, byte* into, int length)
    {
        FuzzFailure.ThrowIf(length <= 0, "receives nothing", default);
        FuzzFailure.ThrowIf(network[socket].IsConnecting, "receives before it is connected", default);
        return IsRare() ? -Linux.Interrupted : network[socket].LaneReceives(new Span<byte>(into, length));
    }

    public override Unread Peek(int socket)
    {
        FuzzFailure.ThrowIf(network[socket].IsConnecting, "peeks before it is connected", default);
        return network[socket].LanePeeks();
    }

    public override int Send(int socket, byte* from, int length, bool more)
    {
        MemorySocket to = network[socket];
        FuzzFailure.ThrowIf(to.LaneHasFinished, "sends after its end", default);
        FuzzFailure.ThrowIf(to.IsConnecting, "sends before it is connected", default);
        return IsRare() ? -Linux.Interrupted : to.LaneSends(new ReadOnlySpan<byte>(from, length));
    }

    public override int Send(int socket, Linux.Part* parts, int count)
    {
        int sent = 0;
        for (int i = 0; i < count; i++)
        {
            int length = (int)parts[i].Length;
            int part = Send(socket, parts[i].Start, length, more: i + 1 < count);
            if (part < 0)
            {
                return sent > 0 ? sent : part;
            }

            sent += part;
            if (part < length)
            {
                break;
            }
        }

        return sent;
    }

    public override int Accept(int listener, out IPAddress? peer)
    {
        peer = null;
        if (IsRare())
        {
            return -(network.Random.Next(2) == 0 ? Linux.ConnectionAborted : Linux.TooManyFiles);
        }

        if (network.Accept() is not { } number)
        {
            return WouldBlock;
        }

        peer = IPAddress.Loopback;
        return number;
    }

    public override int Connect(IPEndPoint address)
    {
        if (IsRare())
        {
            return -ErrorNumber.ConnectionRefused;
        }

        var socket = new MemorySocket(network.Random.Next(4) > 0 ? 64 * 1024 : network.Random.Next(500, 3000)) { IsConnecting = true };
        network.Connecting(socket, address.Port);
        return network.Open(socket);
    }

    public override int ConnectError(int socket) => -network[socket].ConnectError;

    public override void EndSending(int socket) => network[socket].LaneFinishes();

    public override void Close(int socket, bool reset)
    {
        _registered.Remove(network[socket]);
        network.Close(socket, reset);
    }

    public override void Add(int socket, ulong tag)
    {
        MemorySocket added = network[socket];
        FuzzFailure.ThrowIf(added.Tag is not null, "is registered twice", default);
        added.Tag = tag;

        // What it is ready for already is news.
        added.HasNews = true;
        _registered.Add(added);
    }

    public override void AddListener(int socket, ulong tag) => _listener = tag;

    public override void Remove(int socket) => _listener = null;

    public override int Wait(Span<ReadyEvent> events, int milliseconds)
    {
        int count = 0;
        if (_isAwake)
        {
            _isAwake = false;
            events[count++] = new ReadyEvent(WakeTag, Readiness.Readable);
        }

        if (_listener is { } listener && network.IsAnyoneArriving)
        {
            events[count++] = new ReadyEvent(listener, Readiness.Readable);
        }

        int first = _registered.Count == 0 ? 0 : network.Random.Next(_registered.Count);
        for (int i = 0; i < _registered.Count && count < events.Length; i++)
        {
            MemorySocket socket = _registered[(first + i) % _registered.Count];
            if (socket is { HasNews: true, IsConnecting: false, Tag: { } tag })
            {
                socket.HasNews = false;
                events[count++] = new ReadyEvent(tag, socket.Readiness);
            }
        }

        return count;
    }

    public override void Wake() => _isAwake = true;

    public override void Dispose()
    {
    }

    private bool IsRare() => network.Random.Next(RareOnceIn) == 0;
}

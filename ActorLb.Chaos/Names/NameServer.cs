using System.Net;
using System.Net.Sockets;

namespace ActorLb.Chaos.Names;

/// <summary>A name server on UDP for the zone that it is given; <see cref="DnsAnswer"/> answers.</summary>
internal sealed class NameServer : IAsyncDisposable
{
    private const int Port = 53;

    /// <summary>The longest packet without EDNS (RFC 1035, 4.2.1), and one byte to tell a longer one.</summary>
    private const int BytesMax = 512 + 1;

    private readonly Socket _socket = new(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
    private readonly CancellationTokenSource _ending = new();
    private readonly Task _loop;
    private volatile DnsZone _zone;

    public NameServer(string address, DnsZone zone)
    {
        _zone = zone;
        _socket.Bind(new IPEndPoint(IPAddress.Parse(address), Port));
        _loop = Task.Run(LoopAsync);
    }

    /// <summary>What it answers from now on.</summary>
    public DnsZone Zone
    {
        get => _zone;
        set => _zone = value.Addresses.Length <= DnsZone.AddressesMax
            ? value
            : throw new ArgumentException($"more than {DnsZone.AddressesMax} addresses do not fit into an answer");
    }

    public async ValueTask DisposeAsync()
    {
        await _ending.CancelAsync();
        await _loop;
        _socket.Dispose();
        _ending.Dispose();
    }

    private async Task LoopAsync()
    {
        byte[] buffer = new byte[BytesMax];
        var anybody = new IPEndPoint(IPAddress.Any, 0);
        while (!_ending.IsCancellationRequested)
        {
            try
            {
                SocketReceiveFromResult packet = await _socket.ReceiveFromAsync(buffer, SocketFlags.None, anybody, _ending.Token);
                if (DnsAnswer.To(buffer.AsSpan(0, packet.ReceivedBytes), _zone) is { } answer)
                {
                    await _socket.SendToAsync(answer, SocketFlags.None, packet.RemoteEndPoint, _ending.Token);
                }
            }
            catch (Exception e) when (e is SocketException or OperationCanceledException)
            {
                // Who asked is gone, or unreachable now: the others' questions come on the same socket.
            }
        }
    }
}

using System.Net;
using System.Net.Sockets;

namespace ActorLb.Bench;

internal static class Ports
{
    /// <summary>Below those that the system gives to outgoing connections (ip_local_port_range, from 32768): none of them takes the port of a server that is away for a moment.</summary>
    private const int First = 15_000;

    private const int Count = 17_000;

    private static int _last = Random.Shared.Next(Count);

    public static int Free()
    {
        while (true)
        {
            int port = First + (int)((uint)Interlocked.Increment(ref _last) % Count);
            try
            {
                using var listener = new TcpListener(IPAddress.Loopback, port);
                listener.Start();
                return port;
            }
            catch (SocketException e) when (e.SocketErrorCode is SocketError.AddressAlreadyInUse or SocketError.AccessDenied)
            {
                // Somebody has it.
            }
        }
    }

    /// <summary>Completes when somebody listens there; fails after 30 seconds.</summary>
    public static async Task AcceptsAsync(int port)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        while (true)
        {
            using var socket = new TcpClient();
            try
            {
                await socket.ConnectAsync(IPAddress.Loopback, port, limit.Token);
                return;
            }
            catch (SocketException)
            {
                await Task.Delay(50, limit.Token);
            }
        }
    }
}

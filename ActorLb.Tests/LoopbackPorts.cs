using System.Net;
using System.Net.Sockets;

namespace ActorLb.Tests;

/// <summary>Addresses and ports for servers that must know them before they listen.</summary>
internal static class LoopbackPorts
{
    /// <summary>Below those that the system gives to outgoing connections and to who asks for any (ip_local_port_range, from 32768): nobody takes one before its server has it.</summary>
    private const int First = 15_000;

    private const int Count = 17_000;

    private static int _addresses = Random.Shared.Next(250);
    private static int _ports = Random.Shared.Next(Count);

    /// <summary>
    /// A loopback address that no other test of this run has: all of 127.0.0.0/8 is loopback on Linux, and outgoing
    /// connections take their ports from 127.0.0.1.
    /// </summary>
    public static string OwnAddress() => OperatingSystem.IsLinux()
        ? $"127.{Environment.ProcessId % 250 + 2}.{Interlocked.Increment(ref _addresses) % 250}.{Random.Shared.Next(2, 250)}"
        : "127.0.0.1";

    /// <summary>Ports where nobody listens, all different, and other ones for each who asks.</summary>
    public static int[] Free(string address, int count) => [.. Enumerable.Range(0, count).Select(_ => Next(IPAddress.Parse(address)))];

    private static int Next(IPAddress address)
    {
        while (true)
        {
            int port = First + (int)((uint)Interlocked.Increment(ref _ports) % Count);
            using var socket = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
            try
            {
                socket.Bind(new IPEndPoint(address, port));
                return port;
            }
            catch (SocketException e) when (e.SocketErrorCode is SocketError.AddressAlreadyInUse or SocketError.AccessDenied)
            {
                // Another process has it.
            }
        }
    }
}

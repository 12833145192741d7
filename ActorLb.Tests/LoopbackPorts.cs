using System.Net;
using System.Net.Sockets;

namespace ActorLb.Tests;

/// <summary>Addresses and ports for servers that must know them before they listen.</summary>
internal static class LoopbackPorts
{
    private static int _addresses = Random.Shared.Next(250);

    /// <summary>
    /// A loopback address that no other test of this run has: all of 127.0.0.0/8 is loopback on Linux, and outgoing
    /// connections take their ports from 127.0.0.1.
    /// </summary>
    public static string OwnAddress() => OperatingSystem.IsLinux()
        ? $"127.{Environment.ProcessId % 250 + 2}.{Interlocked.Increment(ref _addresses) % 250}.{Random.Shared.Next(2, 250)}"
        : "127.0.0.1";

    /// <summary>Free ports, all different: they are held together until the last one is found.</summary>
    public static int[] Free(string address, int count)
    {
        TcpListener[] listeners = [.. Enumerable.Range(0, count).Select(_ => new TcpListener(IPAddress.Parse(address), 0))];
        Array.ForEach(listeners, l => l.Start());
        int[] ports = [.. listeners.Select(l => ((IPEndPoint)l.LocalEndpoint).Port)];
        Array.ForEach(listeners, l => l.Stop());
        return ports;
    }
}

using System.Collections.Immutable;
using System.Net;
using System.Net.NetworkInformation;
using System.Net.Sockets;
using ActorLb.Shared.Settings;

namespace ActorLb.Node.Cluster.Discovery;

/// <summary>
/// The address at which nodes that find each other by a name reach this one. Akka's addresses are texts: what a node
/// calls itself must be what the name leads to.
/// </summary>
internal static class OwnAddress
{
    /// <summary>Longer than a name server takes that is there; the name may lead here later only.</summary>
    private static readonly TimeSpan LookUpTimeout = TimeSpan.FromSeconds(2);

    /// <summary>The settings with cluster.host found, where it was left to be.</summary>
    public static async Task<NodeSettings> FindAsync(NodeSettings settings, INameResolver resolver, TimeProvider time)
    {
        if (settings.Cluster.Dns is not { FindsHost: true } dns)
        {
            return settings;
        }

        using var timeout = new CancellationTokenSource(LookUpTimeout, time);
        ImmutableArray<IPAddress> named = await resolver.ResolveAsync(dns.Name, timeout.Token) ?? [];
        IPAddress own = Choose(named, Local(), Toward);
        return settings with { Cluster = settings.Cluster with { Host = own.ToString() } };
    }

    /// <summary>
    /// The first address of the name that is this machine's; else the one from which this machine reaches the name's
    /// first address; else the first that is not loopback.
    /// </summary>
    /// <param name="toward">This machine's address on the way to another one; null where there is no way.</param>
    public static IPAddress Choose(
        ImmutableArray<IPAddress> named, ImmutableArray<IPAddress> local, Func<IPAddress, IPAddress?> toward)
    {
        IPAddress? own = named.FirstOrDefault(local.Contains);
        own ??= named.Select(toward).FirstOrDefault(a => a is not null && local.Contains(a) && !IPAddress.IsLoopback(a));
        return own ?? local.FirstOrDefault(a => !IPAddress.IsLoopback(a)) ?? IPAddress.Loopback;
    }

    /// <summary>Whether this machine has other addresses, and this one no more: a network took it away and gave another.</summary>
    public static bool IsGone(string host) => IPAddress.TryParse(host, out IPAddress? address) && IsGone(address, Local());

    public static bool IsGone(IPAddress address, ImmutableArray<IPAddress> local) =>
        (!local.Contains(address) || IPAddress.IsLoopback(address)) && local.Any(a => !IPAddress.IsLoopback(a));

    private static ImmutableArray<IPAddress> Local() =>
    [
        .. NetworkInterface.GetAllNetworkInterfaces()
            .Where(i => i.OperationalStatus is OperationalStatus.Up or OperationalStatus.Unknown)
            .SelectMany(i => i.GetIPProperties().UnicastAddresses)
            .Select(a => a.Address)
            .Where(a => !a.IsIPv6LinkLocal)
            .OrderBy(a => a.AddressFamily),
    ];

    // Connecting a datagram socket sends nothing: it only asks for the route.
    private static IPAddress? Toward(IPAddress peer)
    {
        try
        {
            using var socket = new Socket(peer.AddressFamily, SocketType.Dgram, ProtocolType.Udp);
            socket.Connect(peer, 9);
            return ((IPEndPoint)socket.LocalEndPoint!).Address;
        }
        catch (SocketException)
        {
            return null;
        }
    }
}

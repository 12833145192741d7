using System.Collections.Immutable;
using System.Net;
using System.Net.Sockets;

namespace ActorLb.Node.Cluster.Discovery;

/// <summary>Looks up the addresses of a host name.</summary>
public interface INameResolver
{
    /// <returns>In an order that is the same for the same addresses; null where the name does not resolve, now or ever.</returns>
    Task<ImmutableArray<IPAddress>?> ResolveAsync(string name, CancellationToken cancellation);
}

/// <summary>As the operating system resolves: its hosts file, its name servers, its caches.</summary>
public sealed class SystemNameResolver : INameResolver
{
    public static readonly SystemNameResolver Instance = new();

    private SystemNameResolver()
    {
    }

    public async Task<ImmutableArray<IPAddress>?> ResolveAsync(string name, CancellationToken cancellation)
    {
        try
        {
            IPAddress[] found = await Dns.GetHostAddressesAsync(name, cancellation);
            return found.Length == 0 ? null : [.. found.Distinct().OrderBy(a => a.AddressFamily).ThenBy(a => a.ToString(), StringComparer.Ordinal)];
        }
        catch (Exception e) when (e is SocketException or OperationCanceledException)
        {
            return null;
        }
    }
}

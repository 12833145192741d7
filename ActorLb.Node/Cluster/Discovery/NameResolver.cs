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

/// <summary>
/// As the operating system resolves: its hosts file, its name servers, its caches. A name with addresses of both families
/// leads to each machine twice: the ones of IPv4 are taken then.
/// </summary>
public sealed class SystemNameResolver : INameResolver
{
    public static readonly SystemNameResolver Instance = new(Dns.GetHostAddressesAsync);

    private readonly Func<string, CancellationToken, Task<IPAddress[]>> _lookUp;

    internal SystemNameResolver(Func<string, CancellationToken, Task<IPAddress[]>> lookUp) => _lookUp = lookUp;

    public async Task<ImmutableArray<IPAddress>?> ResolveAsync(string name, CancellationToken cancellation)
    {
        try
        {
            // What has begun, the system does not cancel: where name servers are silent it goes on for ten seconds and more
            // (resolv.conf(5): timeout, attempts, each server), and the next one for this name waits behind it.
            IPAddress[] found = await _lookUp(name, cancellation).WaitAsync(cancellation);
            IEnumerable<IPAddress> ofOneFamily = found.Any(a => a.AddressFamily == AddressFamily.InterNetwork)
                ? found.Where(a => a.AddressFamily == AddressFamily.InterNetwork)
                : found;
            return found.Length == 0 ? null : [.. ofOneFamily.Distinct().OrderBy(a => a.ToString(), StringComparer.Ordinal)];
        }
        catch (Exception e) when (e is SocketException or OperationCanceledException)
        {
            return null;
        }
    }
}

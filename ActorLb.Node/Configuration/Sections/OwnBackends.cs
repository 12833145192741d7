using System.Collections.Immutable;
using System.Net;
using ActorLb.Shared.Settings;

namespace ActorLb.Node.Configuration.Sections;

/// <summary>
/// Refuses backends that are this node itself, where that can be seen from their addresses: a request would come back to
/// it until nothing is left. What leads back by a name or by other nodes is found when it comes.
/// </summary>
internal static class OwnBackends
{
    public static void Refuse(
        ConfigurationCursor pools, ImmutableDictionary<string, PoolSettings> read, BindConflicts binds, Func<IPAddress, bool> isOwn)
    {
        foreach (PoolSettings pool in read.Values)
        {
            foreach (BackendSettings backend in pool.Backends)
            {
                if (AddressOf(backend.Address) is { } address && binds.KeyAt(address, backend.Address.Port, isOwn) is { } key)
                {
                    pools[pool.Name]["backends"].Complain(
                        $"{backend.Address.Authority} is this node itself ({key})", "the address of a server behind the balancer");
                }
            }
        }
    }

    private static IPAddress? AddressOf(Uri backend) =>
        backend.Host == "localhost" ? IPAddress.Loopback : IPAddress.TryParse(backend.DnsSafeHost, out IPAddress? address) ? address : null;
}

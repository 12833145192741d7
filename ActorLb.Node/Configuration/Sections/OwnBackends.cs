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

    /// <summary>The key at whose port of this node an address leads, while it runs; null where it leads elsewhere.</summary>
    public static string? KeyAt(NodeSettings settings, Topology inForce, Uri backend, Func<IPAddress, bool> isOwn)
    {
        IEnumerable<(string Key, string Host, int Port)> binds =
        [
            .. inForce.Listeners.Select(l => ($"actorlb.listeners.{l.Name}.bind", l.Bind.Address.ToString(), l.Bind.Port)),
            ("actorlb.admin.bind", settings.Admin.Bind.Address.ToString(), settings.Admin.Bind.Port),
            .. settings.Admin.HealthBind is { } health ? [("actorlb.admin.health-bind", health.Address.ToString(), health.Port)] : Array.Empty<(string, string, int)>(),
            ("actorlb.cluster.port", settings.Cluster.Host, settings.Cluster.Port),
        ];
        return AddressOf(backend) is { } address
            ? binds.FirstOrDefault(b => b.Port == backend.Port && b.Port != 0 && BindConflicts.LeadsTo(b.Host, address, isOwn)).Key
            : null;
    }

    private static IPAddress? AddressOf(Uri backend) =>
        backend.Host == "localhost" ? IPAddress.Loopback : IPAddress.TryParse(backend.DnsSafeHost, out IPAddress? address) ? address : null;
}

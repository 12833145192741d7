using ActorLb.Shared.Settings;
using Akka.Actor;

namespace ActorLb.Node.Cluster.Connections;

/// <summary>Addresses of nodes as we write them and as Akka does: its hosts have an IPv6 address in brackets, ours have none.</summary>
internal static class NodeAddresses
{
    public static HostPort Of(Address address) => new(
        address.Host is ['[', .., ']'] bracketed ? bracketed[1..^1] : address.Host, address.Port ?? 0);

    public static Address ToAkka(HostPort address, string protocol, string system) =>
        new(protocol, system, address.Host.Contains(':') ? $"[{address.Host}]" : address.Host, address.Port);
}

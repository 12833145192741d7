using System.Collections.Immutable;
using System.Net;
using ActorLb.Engine.Failures;

namespace ActorLb.Engine.Filters;

/// <summary>Refuses clients by their addresses: those that are denied, and where some are allowed, all others.</summary>
internal sealed class AddressFilter(ImmutableArray<IPNetwork> allow, ImmutableArray<IPNetwork> deny) : IRequestFilter
{
    private static readonly FilterVerdict Denied = new(FailureReason.AddressDenied);

    public FilterVerdict Look(in FilteredRequest request)
    {
        IPAddress client = request.Client.IsIPv4MappedToIPv6 ? request.Client.MapToIPv4() : request.Client;
        return Contains(deny, client) || (allow.Length > 0 && !Contains(allow, client)) ? Denied : default;
    }

    private static bool Contains(ImmutableArray<IPNetwork> networks, IPAddress client)
    {
        foreach (IPNetwork network in networks)
        {
            if (network.Contains(client))
            {
                return true;
            }
        }

        return false;
    }
}

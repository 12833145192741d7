using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using System.Net;

namespace ActorLb.Engine.Clients;

/// <summary>Who a request is from: the peer of its connection, or whom trusted proxies name. Pure.</summary>
internal static class ClientAddress
{
    /// <summary>
    /// The last address of X-Forwarded-For that is no trusted proxy's: everything before it could have been written by whoever
    /// is there. The peer, where it is no trusted proxy or names nobody.
    /// </summary>
    /// <param name="forwardedFor">All its lines, joined by commas.</param>
    public static IPAddress Of(IPAddress peer, ImmutableArray<IPNetwork> trustedProxies, ReadOnlySpan<char> forwardedFor)
    {
        IPAddress client = Plain(peer);
        while (IsTrusted(client, trustedProxies) && !forwardedFor.IsEmpty)
        {
            int comma = forwardedFor.LastIndexOf(',');
            if (!TryParse(forwardedFor[(comma + 1)..].Trim(), out IPAddress? before))
            {
                break;
            }

            client = before;
            forwardedFor = forwardedFor[..Math.Max(comma, 0)];
        }

        return client;
    }

    private static bool IsTrusted(IPAddress address, ImmutableArray<IPNetwork> trustedProxies)
    {
        foreach (IPNetwork network in trustedProxies)
        {
            if (network.Contains(address))
            {
                return true;
            }
        }

        return false;
    }

    // Some proxies write a port, and brackets around IPv6.
    private static bool TryParse(ReadOnlySpan<char> text, [NotNullWhen(true)] out IPAddress? address)
    {
        if (IPAddress.TryParse(text, out address))
        {
            address = Plain(address);
            return true;
        }

        if (IPEndPoint.TryParse(text, out IPEndPoint? endPoint))
        {
            address = Plain(endPoint.Address);
            return true;
        }

        return false;
    }

    private static IPAddress Plain(IPAddress address) => address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;
}

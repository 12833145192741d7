using System.Collections.Immutable;
using System.Net;
using System.Net.Sockets;
using ActorLb.Shared.Settings;

namespace ActorLb.Node.Routing;

/// <summary>Which of a name's addresses are backends. Pure.</summary>
internal static class FamilyPolicy
{
    /// <returns>In an order that is the same for the same addresses; null where none is left.</returns>
    public static ImmutableArray<IPAddress>? Choose(ImmutableArray<IPAddress>? found, NameFamily family)
    {
        if (found is not { Length: > 0 } all)
        {
            return null;
        }

        IEnumerable<IPAddress> four = all.Where(a => a.AddressFamily == AddressFamily.InterNetwork);
        IEnumerable<IPAddress> six = all.Where(a => a.AddressFamily == AddressFamily.InterNetworkV6);
        ImmutableArray<IPAddress> chosen =
        [
            .. (family switch
            {
                NameFamily.IPv4 => four,
                NameFamily.IPv6 => six,
                NameFamily.Both => all,
                _ => four.Any() ? four : six,
            }).Distinct().OrderBy(a => a.ToString(), StringComparer.Ordinal),
        ];
        return chosen.IsEmpty ? null : chosen;
    }
}

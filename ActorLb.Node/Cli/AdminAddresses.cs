using System.Collections.Immutable;
using System.Net;
using System.Text.Json;

namespace ActorLb.Node.Cli;

/// <summary>Where the other members can be asked, as one node tells it. The token goes there: what could be somebody else's port is left out. Pure.</summary>
/// <param name="Unasked">Which members are left out, and why, in a few words.</param>
/// <param name="MayBeHere">Loopback addresses are among them that may be asked.</param>
internal sealed record AdminAddresses(ImmutableArray<Uri> Others, string Unasked, bool MayBeHere)
{
    private static readonly AdminAddresses None = new([], "", false);

    /// <param name="live">As <c>GET /api/v1/live</c> tells it: whatever it is, it is read as far as it goes.</param>
    /// <param name="from">Where that node was asked.</param>
    public static AdminAddresses In(JsonElement live, Uri from)
    {
        if (live.ValueKind != JsonValueKind.Object || !live.TryGetProperty("nodes", out JsonElement nodes) || nodes.ValueKind != JsonValueKind.Array)
        {
            return None;
        }

        string own = Text(live, "node");
        (string Name, string Admin)[] told = [.. nodes.EnumerateArray().Where(n => n.ValueKind == JsonValueKind.Object && n.TryGetProperty("admin", out _)).Select(n => (Text(n, "name"), Text(n, "admin")))];
        bool isHere = told.Any(n => n.Name == own && IsHere(n.Admin, from));
        var others = ImmutableArray.CreateBuilder<Uri>();
        var unasked = new List<string>();
        foreach ((string name, string admin) in told.Where(n => n.Name != own))
        {
            if (WhyNot(admin, from, isHere, out Uri? url) is { } why)
            {
                unasked.Add($"{name} {why}");
            }
            else
            {
                others.Add(url!);
            }
        }

        return new AdminAddresses(others.ToImmutable(), string.Join(", ", unasked), isHere);
    }

    // What is seen here is named; a name that leads to loopback is refused when it is looked up (AdminConnection).
    private static string? WhyNot(string admin, Uri from, bool isHere, out Uri? url) =>
        !Uri.TryCreate(admin, UriKind.Absolute, out url) || (url.Scheme != Uri.UriSchemeHttp && url.Scheme != Uri.UriSchemeHttps) ? "tells no address"
        : url.UserInfo.Length > 0 ? "tells no address"
        : from.Scheme == Uri.UriSchemeHttps && url.Scheme != Uri.UriSchemeHttps ? "has no TLS"
        : !isHere && (url.IsLoopback || (IPAddress.TryParse(url.IdnHost, out IPAddress? address) && IsThisMachine(address))) ? "listens on its own machine alone"
        : null;

    /// <summary>Whether a connection to it ends on this machine, however it is written: loopback, or no address at all.</summary>
    internal static bool IsThisMachine(IPAddress address)
    {
        IPAddress plain = address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;
        return IPAddress.IsLoopback(plain) || plain.Equals(IPAddress.Any) || plain.Equals(IPAddress.IPv6Any);
    }

    // Loopback is another machine's, or another port's by a tunnel, unless the node that was asked is where it says itself.
    private static bool IsHere(string admin, Uri from) => Uri.TryCreate(admin, UriKind.Absolute, out Uri? url) && url.IsLoopback && from.IsLoopback && url.Port == from.Port;

    private static string Text(JsonElement of, string name) => of.TryGetProperty(name, out JsonElement value) && value.ValueKind == JsonValueKind.String ? value.GetString()! : "";
}

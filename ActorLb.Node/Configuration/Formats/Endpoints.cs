using System.Globalization;
using System.Net;
using System.Net.Sockets;
using ActorLb.Shared.Settings;

namespace ActorLb.Node.Configuration.Formats;

/// <summary>Hosts and addresses with ports: 127.0.0.1:8080, [::1]:8080, localhost:8080, lb-1.example.net:8110.</summary>
internal static class Endpoints
{
    /// <summary>::ffff:0:0/96 is IPv4.</summary>
    private const int MappedPrefix = 96;

    private static readonly IdnMapping Idn = new() { UseStd3AsciiRules = true };

    public const string BindExpected = "an address and a port to listen on, such as \"127.0.0.1:8080\", \"0.0.0.0:8080\" or \"[::]:8080\"";

    /// <summary>A local address to listen on; port 0 takes a free one. Null where it was read, else what is wrong.</summary>
    public static string? Read(string text, out IPEndPoint endpoint)
    {
        endpoint = new IPEndPoint(IPAddress.Loopback, 0);
        if (Read(text, 0, out HostPort parts) is { } problem)
        {
            return problem;
        }

        if (parts.Host == "localhost")
        {
            endpoint.Port = parts.Port;
            return null;
        }

        // IPAddress also takes "1" and "0x7f.1": only the forms that people mean are let through.
        if (!IPAddress.TryParse(parts.Host, out IPAddress? address)
            || (address.AddressFamily == AddressFamily.InterNetwork && parts.Host.Count(c => c == '.') != 3))
        {
            return $"'{parts.Host}' is no IP address";
        }

        endpoint = new IPEndPoint(Plain(address), parts.Port);
        return null;
    }

    /// <summary>A host name or address with a port. Null where it was read, else what is wrong.</summary>
    public static string? Read(string text, int portMin, out HostPort value)
    {
        value = default;
        int colon = text.LastIndexOf(':');
        if (colon == 0)
        {
            return $"'{text}' has no address before its port";
        }

        if (colon < 0 || text.EndsWith(']'))
        {
            return $"'{text}' has no port";
        }

        string host = text[..colon];
        if (!int.TryParse(text.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out int port)
            || port < portMin
            || port > IPEndPoint.MaxPort)
        {
            return $"'{text[(colon + 1)..]}' is no port from {portMin} to {IPEndPoint.MaxPort}";
        }

        bool bracketed = host.StartsWith('[') && host.EndsWith(']');
        if (bracketed)
        {
            host = host[1..^1];
        }

        if (bracketed != host.Contains(':') || !IsHost(host))
        {
            return $"'{text[..colon]}' is no host name and no address";
        }

        value = new HostPort(host, port);
        return null;
    }

    /// <summary>A host name, an IPv4 address, or an IPv6 address without brackets.</summary>
    public static bool IsHost(string text) => Uri.CheckHostName(text) != UriHostNameType.Unknown && !text.StartsWith('[');

    /// <summary>A host as clients send it: names of other letters in punycode (RFC 5891), all else as it is. Null: it cannot be written so.</summary>
    /// <param name="host">Perhaps with "*." before it.</param>
    public static string? InAscii(string host)
    {
        if (System.Text.Ascii.IsValid(host))
        {
            return host;
        }

        string rest = host.StartsWith("*.", StringComparison.Ordinal) ? host[2..] : host;
        try
        {
            return host[..^rest.Length] + Idn.GetAscii(rest.ToLowerInvariant());
        }
        catch (ArgumentException)
        {
            return null;
        }
    }

    /// <summary>An IPv6 address has many texts, and one of them is what nodes call each other by.</summary>
    public static string Canonical(string host) =>
        host.Contains(':') && IPAddress.TryParse(host, out IPAddress? address) ? Plain(address).ToString() : host;

    /// <summary>An IPv4 address written as an IPv6 one (RFC 4291, 2.5.5.2) is the IPv4 address: no interface has the other.</summary>
    public static IPAddress Plain(IPAddress address) => address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;

    /// <summary>The same for a network of such addresses.</summary>
    public static IPNetwork Plain(IPNetwork network) =>
        network.BaseAddress.IsIPv4MappedToIPv6 && network.PrefixLength >= MappedPrefix
            ? new IPNetwork(network.BaseAddress.MapToIPv4(), network.PrefixLength - MappedPrefix)
            : network;

    /// <summary>0.0.0.0 or ::, every address of the machine.</summary>
    public static bool IsAny(IPAddress address) => address.Equals(IPAddress.Any) || address.Equals(IPAddress.IPv6Any);
}

using System.Buffers;
using System.Net;
using System.Text;

namespace ActorLb.Engine.Http1;

/// <summary>Host and optional port: Host's value, and an absolute target's authority (RFC 9110, 4.2 and 7.2; RFC 3986, 3.2).</summary>
internal static class Authority
{
    private const int PortMax = 65535;

    // RFC 3986's reg-name but for percent-encoding: no client sends and nobody resolves it, so it only leads past a host's routes.
    private static readonly SearchValues<byte> Name =
        SearchValues.Create("-._~!$&'()*+,;=0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"u8);

    private static readonly SearchValues<byte> AddressV6 = SearchValues.Create("0123456789ABCDEFabcdef:."u8);

    /// <summary>Whether this is a host with perhaps a port. An empty port is none; an empty host, or label of one, is no host.</summary>
    public static bool IsValid(ReadOnlySpan<byte> authority)
    {
        int end = authority.IndexOfAnyExcept(Name);
        return end switch
        {
            < 0 => IsName(authority),
            0 when authority[0] == '[' => IsAddressV6(authority),
            > 0 when authority[end] == ':' => IsName(authority[..end]) && IsPort(authority[(end + 1)..]),
            _ => false,
        };
    }

    /// <summary>Whether two valid authorities are the same but for case and a port that the scheme implies.</summary>
    public static bool AreSame(ReadOnlySpan<byte> one, ReadOnlySpan<byte> other, bool isHttps)
    {
        ReadOnlySpan<byte> implied = isHttps ? "443"u8 : "80"u8;
        return Ascii.EqualsIgnoreCase(WithoutPort(one, implied), WithoutPort(other, implied));
    }

    private static ReadOnlySpan<byte> WithoutPort(ReadOnlySpan<byte> authority, ReadOnlySpan<byte> implied)
    {
        int colon = authority.LastIndexOf((byte)':');
        if (colon < 0 || authority[^1] == ']')
        {
            return authority;
        }

        ReadOnlySpan<byte> port = authority[(colon + 1)..];
        return port.IsEmpty || port.SequenceEqual(implied) ? authority[..colon] : authority;
    }

    // One dot at the end is the root's (RFC 1034, 3.1). Names are short: a search for two dots takes three times as long.
    private static bool IsName(ReadOnlySpan<byte> name)
    {
        byte before = (byte)'.';
        foreach (byte one in name)
        {
            if (one == '.' && before == '.')
            {
                return false;
            }

            before = one;
        }

        return !name.IsEmpty;
    }

    private static bool IsPort(ReadOnlySpan<byte> port)
    {
        int value = 0;
        foreach (byte digit in port)
        {
            if (!char.IsAsciiDigit((char)digit) || (value = (value * 10) + (digit - '0')) > PortMax)
            {
                return false;
            }
        }

        return true;
    }

    // RFC 3986's IPvFuture is in nobody's use and refused.
    private static bool IsAddressV6(ReadOnlySpan<byte> authority)
    {
        int close = authority.IndexOf((byte)']');
        if (close < 0)
        {
            return false;
        }

        ReadOnlySpan<byte> address = authority[1..close];
        ReadOnlySpan<byte> rest = authority[(close + 1)..];
        return !address.ContainsAnyExcept(AddressV6)
            && address.Contains((byte)':')
            && IPAddress.IsValidUtf8(address)
            && (rest.IsEmpty || (rest[0] == ':' && IsPort(rest[1..])));
    }
}

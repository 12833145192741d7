using System.Buffers;
using System.Net;
using System.Text;

namespace ActorLb.Engine.Http1;

/// <summary>Host and optional port: Host's value, and an absolute target's authority (RFC 9110, 4.2 and 7.2; RFC 3986, 3.2).</summary>
internal static class Authority
{
    private const int PortMax = 65535;

    // RFC 3986's reg-name but for percent-encoding, which is looked at more closely.
    private static readonly SearchValues<byte> Name =
        SearchValues.Create("-._~!$&'()*+,;=0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"u8);

    private static readonly SearchValues<byte> HexDigits = SearchValues.Create("0123456789ABCDEFabcdef"u8);

    private static readonly SearchValues<byte> AddressV6 = SearchValues.Create("0123456789ABCDEFabcdef:."u8);

    /// <summary>Whether this is a host with perhaps a port. An empty port is none; an empty host is no host.</summary>
    public static bool IsValid(ReadOnlySpan<byte> authority)
    {
        int end = authority.IndexOfAnyExcept(Name);
        return end switch
        {
            < 0 => !authority.IsEmpty,
            0 when authority[0] == '[' => IsAddressV6(authority),
            > 0 when authority[end] == ':' => IsPort(authority[(end + 1)..]),
            _ => IsEncodedName(authority),
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

    private static bool IsEncodedName(ReadOnlySpan<byte> authority)
    {
        int at = 0;
        while (at < authority.Length && authority[at] != ':')
        {
            if (authority[at] == '%')
            {
                if (at + 2 >= authority.Length || authority.Slice(at + 1, 2).ContainsAnyExcept(HexDigits))
                {
                    return false;
                }

                at += 2;
            }
            else if (!Name.Contains(authority[at]))
            {
                return false;
            }

            at++;
        }

        return at > 0 && (at == authority.Length || IsPort(authority[(at + 1)..]));
    }
}

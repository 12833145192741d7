using System.Globalization;
using System.Net;
using System.Numerics;
using System.Text.RegularExpressions;

namespace ActorLb.Bench.Http1.Fuzzing;

/// <summary>Host and port once more, slowly and from the grammar, without escapes and empty labels.</summary>
internal static partial class PlainAuthority
{
    public static bool IsValid(string authority)
    {
        Match match = Authority().Match(authority);
        return match.Success
            && (match.Groups["port"].Value is not { Length: > 0 } port || BigInteger.Parse(port, CultureInfo.InvariantCulture) <= 65535)
            && (match.Groups["v6"].Value is not { Length: > 0 } v6 || (v6.Contains(':', StringComparison.Ordinal) && IPAddress.TryParse(v6, out _)));
    }

    public static bool AreSame(string one, string other, string scheme) => Canonical(one, scheme) == Canonical(other, scheme);

    private static string Canonical(string authority, string scheme)
    {
        string implied = scheme.Equals("https", StringComparison.OrdinalIgnoreCase) ? "443" : "80";
        Match match = Port().Match(authority);
        return (match.Success && (match.Groups[1].Value.Length == 0 || match.Groups[1].Value == implied) ? authority[..match.Index] : authority)
            .ToLowerInvariant();
    }

    [GeneratedRegex("""\A(?:\[(?<v6>[0-9A-Fa-f:.]+)\]|(?:[A-Za-z0-9\-_~!$&'()*+,;=]+\.)*[A-Za-z0-9\-_~!$&'()*+,;=]+\.?)(?::(?<port>[0-9]*))?\z""")]
    private static partial Regex Authority();

    [GeneratedRegex(""":([0-9]*)\z""")]
    private static partial Regex Port();
}

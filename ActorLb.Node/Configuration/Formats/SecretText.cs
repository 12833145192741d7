using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using ActorLb.Shared.Settings;

namespace ActorLb.Node.Configuration.Formats;

/// <summary>
/// A cluster's secret as text: its 32 bytes in base64 (RFC 4648, 4 or 5, with or without padding) or in hexadecimal digits.
/// Whoever connects sees the public key that is made of it and could guess at his leisure, so nothing less than random
/// bytes is one.
/// </summary>
internal static class SecretText
{
    public const string Expected = "32 random bytes, as \"actorlb keys secret\" prints them";

    private const int HexDigits = 2 * ClusterSecret.Length;

    /// <summary>32 random bytes hold 30 different ones on average, and below 16 once in 10^17 times.</summary>
    private const int DifferentMin = 16;

    /// <summary>A counter or a pattern has few differences between neighbours; the bound is as unlikely as that above.</summary>
    private const int DifferentStepsMin = 12;

    /// <summary>A new one.</summary>
    public static string New() => Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(ClusterSecret.Length));

    /// <summary>Null where it was read, else what is wrong; the text itself is never repeated.</summary>
    public static string? Read(string text, out ClusterSecret secret)
    {
        secret = Nothing;
        byte[]? bytes = Decode(text.Trim());
        if (bytes is null)
        {
            return $"this text of {text.Trim().Length} characters is no secret";
        }

        if (bytes.Length != ClusterSecret.Length)
        {
            return $"this secret has {bytes.Length} bytes";
        }

        if (bytes.All(b => b is >= (byte)' ' and <= (byte)'~'))
        {
            return "this is a text in another writing, and could be guessed";
        }

        if (Patterns.Has(bytes, DifferentMin, DifferentStepsMin))
        {
            return "these bytes are not random, and could be guessed";
        }

        secret = new ClusterSecret(bytes);
        return null;
    }

    /// <summary>Stands where a mistake was told already.</summary>
    public static ClusterSecret Nothing { get; } = new(new byte[ClusterSecret.Length]);

    private static byte[]? Decode(string text)
    {
        if (text.Length == HexDigits && text.All(char.IsAsciiHexDigit))
        {
            return Convert.FromHexString(text);
        }

        string url = text.TrimEnd('=').Replace('+', '-').Replace('/', '_');
        return Base64Url.IsValid(url) ? Base64Url.DecodeFromUtf8(Encoding.ASCII.GetBytes(url)) : null;
    }
}

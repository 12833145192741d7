using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;

namespace ActorLb.Engine.Certificates;

/// <summary>
/// The encryption of PEM keys before PKCS#8, which openssl genrsa and ssh-keygen wrote for decades: RFC 1421, 4.6, with
/// the key made from the password by EVP_BytesToKey (one round of MD5).
/// </summary>
internal static partial class TraditionalEncryption
{
    private const int SaltBytes = 8;

    public static bool IsUsed(string body) => body.Contains("Proc-Type: 4,ENCRYPTED", StringComparison.Ordinal);

    /// <returns>The key's DER; null where the cipher is not known here.</returns>
    /// <exception cref="FormatException">The text is damaged.</exception>
    /// <exception cref="CryptographicException">The password is wrong.</exception>
    [SuppressMessage("Security", "CA5350", Justification = "Files that exist are read as they are.")]
    public static byte[]? Decrypt(string body, string password)
    {
        Match info = Info().Match(body);
        if (!info.Success)
        {
            return null;
        }

        byte[] iv = Convert.FromHexString(info.Groups["iv"].Value);
        byte[] encrypted = Convert.FromBase64String(body[(info.Index + info.Length)..]);
        using SymmetricAlgorithm? cipher = info.Groups["cipher"].Value switch
        {
            "AES-128-CBC" => Aes(128),
            "AES-192-CBC" => Aes(192),
            "AES-256-CBC" => Aes(256),
            "DES-EDE3-CBC" => TripleDES.Create(),
            _ => null,
        };
        if (cipher is null || iv.Length < SaltBytes)
        {
            return null;
        }

        cipher.Key = Derive(password, iv.AsSpan(0, SaltBytes), cipher.KeySize / 8);
        return cipher.DecryptCbc(encrypted, iv);
    }

    private static Aes Aes(int bits)
    {
        Aes aes = System.Security.Cryptography.Aes.Create();
        aes.KeySize = bits;
        return aes;
    }

    [SuppressMessage("Security", "CA5351", Justification = "Files that exist are read as they are.")]
    private static byte[] Derive(string password, ReadOnlySpan<byte> salt, int length)
    {
        byte[] secret = [.. Encoding.UTF8.GetBytes(password), .. salt];
        byte[] key = [];
        byte[] last = [];
        while (key.Length < length)
        {
            last = MD5.HashData([.. last, .. secret]);
            key = [.. key, .. last];
        }

        return key[..length];
    }

    [GeneratedRegex("DEK-Info: *(?<cipher>[A-Z0-9-]+),(?<iv>[0-9A-Fa-f]+)\\s*", RegexOptions.ExplicitCapture)]
    private static partial Regex Info();
}

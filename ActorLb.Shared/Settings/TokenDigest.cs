using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text;

namespace ActorLb.Shared.Settings;

/// <summary>SHA-256 of a token's UTF-8. The token itself is kept nowhere; the digest's text says nothing of it, so that no log can.</summary>
public sealed class TokenDigest : IEquatable<TokenDigest>
{
    public const int Length = SHA256.HashSizeInBytes;

    private readonly ImmutableArray<byte> _bytes;

    /// <exception cref="ArgumentException">They are not 32.</exception>
    public TokenDigest(ReadOnlySpan<byte> bytes) =>
        _bytes = bytes.Length == Length ? [.. bytes] : throw new ArgumentException($"a digest has {Length} bytes", nameof(bytes));

    public ReadOnlySpan<byte> Bytes => _bytes.AsSpan();

    public static TokenDigest Of(string token) => new(SHA256.HashData(Encoding.UTF8.GetBytes(token)));

    public bool Equals(TokenDigest? other) => other is not null && CryptographicOperations.FixedTimeEquals(Bytes, other.Bytes);

    public override bool Equals(object? obj) => Equals(obj as TokenDigest);

    public override int GetHashCode() => BitConverter.ToInt32(Bytes);

    public override string ToString() => "digest";
}

using System.Collections.Immutable;
using System.Security.Cryptography;

namespace ActorLb.Shared.Settings;

/// <summary>32 random bytes that the nodes of a cluster share. Its text says nothing of them, so that no log can.</summary>
public sealed class ClusterSecret : IEquatable<ClusterSecret>
{
    public const int Length = 32;

    private readonly ImmutableArray<byte> _bytes;

    /// <exception cref="ArgumentException">They are not 32.</exception>
    public ClusterSecret(ReadOnlySpan<byte> bytes) =>
        _bytes = bytes.Length == Length ? [.. bytes] : throw new ArgumentException($"a secret has {Length} bytes", nameof(bytes));

    public ReadOnlySpan<byte> Bytes => _bytes.AsSpan();

    public bool Equals(ClusterSecret? other) => other is not null && CryptographicOperations.FixedTimeEquals(Bytes, other.Bytes);

    public override bool Equals(object? obj) => Equals(obj as ClusterSecret);

    public override int GetHashCode() => BitConverter.ToInt32(Bytes);

    public override string ToString() => "secret";
}

using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace ActorLb.Shared.Backends;

/// <summary>
/// A backend's name inside tickets and bindings: the first 8 bytes of SHA-256 of its id, big-endian.
/// It stays the same for as long as the id does, over nodes, restarts and versions.
/// </summary>
public readonly record struct BackendKey(ulong Value) : IComparable<BackendKey>
{
    /// <summary>No backend. No id is ever given it.</summary>
    public static BackendKey None => default;

    public static BackendKey Of(string backendId)
    {
        Span<byte> digest = stackalloc byte[32];
        SHA256.HashData(Encoding.UTF8.GetBytes(backendId), digest);
        ulong value = BinaryPrimitives.ReadUInt64BigEndian(digest);
        return new BackendKey(value == 0 ? 1 : value);
    }

    public int CompareTo(BackendKey other) => Value.CompareTo(other.Value);

    public override string ToString() => Value.ToString("x16");

    public static bool operator <(BackendKey left, BackendKey right) => left.Value < right.Value;

    public static bool operator <=(BackendKey left, BackendKey right) => left.Value <= right.Value;

    public static bool operator >(BackendKey left, BackendKey right) => left.Value > right.Value;

    public static bool operator >=(BackendKey left, BackendKey right) => left.Value >= right.Value;
}

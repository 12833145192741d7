using System.Buffers.Binary;
using System.IO.Hashing;
using ActorLb.Shared.Backends;
using ActorLb.Shared.Sessions;

namespace ActorLb.Node.Storage;

/// <summary>
/// Bindings as one blob of the file: horizon (4 bytes), 32 bytes per binding, and the XXH3 of all that (8 bytes), each
/// number big-endian. SQLite does not notice a flipped bit in a blob; the sum does.
/// </summary>
internal static class BindingRecords
{
    private const int HorizonBytes = 4;
    private const int SumBytes = 8;

    public static byte[] Write(uint horizon, IReadOnlyCollection<Binding> bindings)
    {
        var bytes = new byte[HorizonBytes + (bindings.Count * Binding.Bytes) + SumBytes];
        Span<byte> rest = bytes;
        BinaryPrimitives.WriteUInt32BigEndian(rest, horizon);
        rest = rest[HorizonBytes..];
        foreach (Binding binding in bindings)
        {
            BinaryPrimitives.WriteUInt64BigEndian(rest, binding.Id.High);
            BinaryPrimitives.WriteUInt64BigEndian(rest[8..], binding.Id.Low);
            BinaryPrimitives.WriteUInt64BigEndian(rest[16..], binding.Backend.Value);
            BinaryPrimitives.WriteUInt32BigEndian(rest[24..], binding.Version);
            BinaryPrimitives.WriteUInt32BigEndian(rest[28..], binding.LastSeen);
            rest = rest[Binding.Bytes..];
        }

        BinaryPrimitives.WriteUInt64BigEndian(rest, XxHash3.HashToUInt64(bytes.AsSpan(..^SumBytes)));
        return bytes;
    }

    /// <summary>Appends the bindings of a blob; false where it is not wholly what <see cref="Write"/> made.</summary>
    public static bool TryRead(ReadOnlySpan<byte> bytes, List<Binding> bindings, out uint horizon)
    {
        horizon = 0;
        int content = bytes.Length - SumBytes;
        if (content < HorizonBytes
            || (content - HorizonBytes) % Binding.Bytes != 0
            || BinaryPrimitives.ReadUInt64BigEndian(bytes[content..]) != XxHash3.HashToUInt64(bytes[..content]))
        {
            return false;
        }

        horizon = BinaryPrimitives.ReadUInt32BigEndian(bytes);
        for (ReadOnlySpan<byte> rest = bytes[HorizonBytes..content]; !rest.IsEmpty; rest = rest[Binding.Bytes..])
        {
            bindings.Add(new Binding(
                new SessionId(BinaryPrimitives.ReadUInt64BigEndian(rest), BinaryPrimitives.ReadUInt64BigEndian(rest[8..])),
                new BackendKey(BinaryPrimitives.ReadUInt64BigEndian(rest[16..])),
                BinaryPrimitives.ReadUInt32BigEndian(rest[24..]),
                BinaryPrimitives.ReadUInt32BigEndian(rest[28..])));
        }

        return true;
    }
}

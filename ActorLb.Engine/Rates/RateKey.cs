using System.Buffers.Binary;
using ActorLb.Engine.Clients;

namespace ActorLb.Engine.Rates;

/// <summary>Keys of a <see cref="RateTable"/>. Nobody outside can find two values with the same: it is another in each process.</summary>
internal static class RateKey
{
    public static ulong Of(ReadOnlySpan<byte> value)
    {
        var low = default(HashCode);
        low.AddBytes(value);
        var high = default(HashCode);
        high.Add(value.Length);
        high.AddBytes(value);
        return ((ulong)(uint)high.ToHashCode() << 32) | (uint)low.ToHashCode();
    }

    public static ulong Of(ClientKey client)
    {
        Span<byte> bytes = stackalloc byte[sizeof(ulong) + 1];
        BinaryPrimitives.WriteUInt64LittleEndian(bytes, client.Network);
        bytes[^1] = client.IsIPv4 ? (byte)4 : (byte)6;
        return Of(bytes);
    }
}

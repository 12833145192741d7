using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;

namespace ActorLb.Engine.Clients;

/// <summary>
/// One client: an address of IPv4, or the first 64 bits of one of IPv6, since whoever has one of them has all
/// of its network (RFC 4291, 2.5.4).
/// </summary>
public readonly record struct ClientKey(bool IsIPv4, ulong Network)
{
    private const int IPv6Bytes = 16;
    private const int IPv4Bytes = 4;

    public static ClientKey Of(IPAddress address)
    {
        Span<byte> bytes = stackalloc byte[IPv6Bytes];
        address.TryWriteBytes(bytes, out int _);
        return address.AddressFamily == AddressFamily.InterNetwork ? OfIPv4(bytes)
            : address.IsIPv4MappedToIPv6 ? OfIPv4(bytes[^IPv4Bytes..])
            : new ClientKey(false, BinaryPrimitives.ReadUInt64BigEndian(bytes));
    }

    private static ClientKey OfIPv4(ReadOnlySpan<byte> bytes) => new(true, BinaryPrimitives.ReadUInt32BigEndian(bytes));
}

using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace ActorLb.Engine.Listeners;

/// <summary>
/// How many connections each client address has. Holds only addresses with a connection, so connections bound it.
/// Any thread; a lock each for a part of the addresses, held for one look-up.
/// </summary>
/// <param name="max">Of each address.</param>
internal sealed class AddressCounts(int max)
{
    private const int Parts = 16;

    private readonly Part[] _parts = [.. Enumerable.Range(0, Parts).Select(_ => new Part())];

    /// <summary>Addresses with a connection now.</summary>
    public int Addresses => _parts.Sum(p => p.Count);

    public bool TryAdd(IPAddress address)
    {
        AddressKey key = AddressKey.Of(address);
        return PartOf(key).TryAdd(key, max);
    }

    public void Remove(IPAddress address)
    {
        AddressKey key = AddressKey.Of(address);
        PartOf(key).Remove(key);
    }

    private Part PartOf(AddressKey key) => _parts[(uint)key.GetHashCode() % Parts];

    private sealed class Part
    {
        private readonly Lock _lock = new();
        private readonly Dictionary<AddressKey, int> _counts = [];

        public int Count
        {
            get
            {
                lock (_lock)
                {
                    return _counts.Count;
                }
            }
        }

        public bool TryAdd(AddressKey key, int max)
        {
            lock (_lock)
            {
                ref int count = ref CollectionsMarshal.GetValueRefOrAddDefault(_counts, key, out bool _);
                if (count >= max)
                {
                    return false;
                }

                count++;
                return true;
            }
        }

        public void Remove(AddressKey key)
        {
            lock (_lock)
            {
                if (_counts.TryGetValue(key, out int count))
                {
                    if (count == 1)
                    {
                        _counts.Remove(key);
                    }
                    else
                    {
                        _counts[key] = count - 1;
                    }
                }
            }
        }
    }

    /// <summary>
    /// One client: an address of IPv4, or the first 64 bits of one of IPv6, since whoever has one of them has all
    /// of its network (RFC 4291, 2.5.4).
    /// </summary>
    private readonly record struct AddressKey(bool IsIPv4, ulong Network)
    {
        private const int IPv6Bytes = 16;
        private const int IPv4Bytes = 4;

        public static AddressKey Of(IPAddress address)
        {
            Span<byte> bytes = stackalloc byte[IPv6Bytes];
            address.TryWriteBytes(bytes, out int _);
            return address.AddressFamily == AddressFamily.InterNetwork ? OfIPv4(bytes)
                : address.IsIPv4MappedToIPv6 ? OfIPv4(bytes[^IPv4Bytes..])
                : new AddressKey(false, BinaryPrimitives.ReadUInt64BigEndian(bytes));
        }

        private static AddressKey OfIPv4(ReadOnlySpan<byte> bytes) => new(true, BinaryPrimitives.ReadUInt32BigEndian(bytes));
    }
}

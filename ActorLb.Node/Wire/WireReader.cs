using System.Buffers.Binary;
using System.Runtime.Serialization;
using System.Text;

namespace ActorLb.Node.Wire;

/// <summary>
/// Reads what <see cref="WireWriter"/> wrote. Every length is checked against what is left, so that a hostile or
/// cut message allocates nothing beyond its own size and ends in a <see cref="SerializationException"/>.
/// Bytes left over at the end are fields of a newer version and are ignored.
/// </summary>
internal ref struct WireReader
{
    private ReadOnlySpan<byte> _rest;

    public WireReader(ReadOnlySpan<byte> bytes) => _rest = bytes;

    public readonly int Left => _rest.Length;

    public byte Byte() => Take(1)[0];

    public bool Bool() => Byte() != 0;

    /// <exception cref="SerializationException">More than 64 bits, or cut.</exception>
    public ulong Varint()
    {
        ulong value = 0;
        for (int shift = 0; shift < 64; shift += 7)
        {
            byte next = Byte();
            if (shift == 63 && next > 1)
            {
                break;
            }

            value |= (ulong)(next & 0x7F) << shift;
            if (next < 0x80)
            {
                return value;
            }
        }

        throw new SerializationException("a varint of more than 64 bits");
    }

    /// <summary>A count of elements of at least this many bytes each, checked against what is left.</summary>
    public int Count(int elementBytesMin)
    {
        ulong count = Varint();
        if (count > (ulong)(_rest.Length / Math.Max(1, elementBytesMin)))
        {
            throw new SerializationException($"{count} elements do not fit into the {_rest.Length} bytes that are left");
        }

        return (int)count;
    }

    public uint UInt32() => BinaryPrimitives.ReadUInt32BigEndian(Take(4));

    public ulong UInt64() => BinaryPrimitives.ReadUInt64BigEndian(Take(8));

    public long Int64() => unchecked((long)UInt64());

    public ReadOnlySpan<byte> Bytes() => Take(Count(1));

    public string Text() => Encoding.UTF8.GetString(Bytes());

    /// <exception cref="SerializationException">Not a time.</exception>
    public DateTimeOffset Time()
    {
        long milliseconds = Int64();
        if (milliseconds is < -62135596800000 or > 253402300799999)
        {
            throw new SerializationException($"{milliseconds} ms is no time");
        }

        return DateTimeOffset.FromUnixTimeMilliseconds(milliseconds);
    }

    private ReadOnlySpan<byte> Take(int length)
    {
        if (length > _rest.Length)
        {
            throw new SerializationException($"cut: {length} bytes wanted, {_rest.Length} left");
        }

        ReadOnlySpan<byte> taken = _rest[..length];
        _rest = _rest[length..];
        return taken;
    }
}

namespace ActorLb.Engine.Http2.Hpack;

/// <summary>Integers with a prefix of some bits (RFC 7541, 5.1), from 0 to 2^31-1.</summary>
internal static class HpackInteger
{
    /// <summary>So many bytes of seven bits each follow a prefix at most: 2^31-1 needs five.</summary>
    private const int MoreBytesMax = 5;

    private const int MoreBits = 7;
    private const byte More = 1 << MoreBits;

    /// <summary>Reads one and goes past it; false where it is cut off, above 2^31-1, or longer than such a number needs to be.</summary>
    public static bool TryRead(ReadOnlySpan<byte> block, ref int at, int prefixBits, out int value)
    {
        if ((uint)at >= (uint)block.Length)
        {
            value = 0;
            return false;
        }

        int max = (1 << prefixBits) - 1;
        value = block[at++] & max;
        return value < max || TryReadMore(block, ref at, ref value);
    }

    public static int LengthOf(int value, int prefixBits)
    {
        int max = (1 << prefixBits) - 1;
        int length = 1;
        if (value >= max)
        {
            length++;
            for (int more = (value - max) >> MoreBits; more > 0; more >>= MoreBits)
            {
                length++;
            }
        }

        return length;
    }

    /// <summary>Writes one, and returns its length.</summary>
    /// <param name="kind">The bits above the prefix.</param>
    public static int Write(int value, int prefixBits, byte kind, Span<byte> target)
    {
        int max = (1 << prefixBits) - 1;
        if (value < max)
        {
            target[0] = (byte)(kind | value);
            return 1;
        }

        target[0] = (byte)(kind | max);
        int length = 1;
        int more = value - max;
        for (; more >= More; more >>= MoreBits)
        {
            target[length++] = (byte)(More | more);
        }

        target[length++] = (byte)more;
        return length;
    }

    private static bool TryReadMore(ReadOnlySpan<byte> block, ref int at, ref int value)
    {
        long sum = value;
        for (int i = 0; i < MoreBytesMax && at < block.Length; i++)
        {
            byte next = block[at++];
            sum += (long)(next & (More - 1)) << (MoreBits * i);
            if (next < More)
            {
                value = (int)sum;
                return sum <= int.MaxValue;
            }
        }

        return false;
    }
}

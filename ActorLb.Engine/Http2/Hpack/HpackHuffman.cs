using System.Buffers.Binary;
using System.Runtime.CompilerServices;

namespace ActorLb.Engine.Http2.Hpack;

/// <summary>Strings in Huffman's code (RFC 7541, 5.2).</summary>
internal static class HpackHuffman
{
    private const int PaddingBitsMax = 7;

    public static int EncodedLength(ReadOnlySpan<byte> text)
    {
        long bits = 0;
        ReadOnlySpan<byte> lengths = HuffmanCode.Lengths;
        foreach (byte b in text)
        {
            bits += lengths[b];
        }

        return (int)((bits + 7) / 8);
    }

    /// <summary>Writes the code of a text, and returns its length.</summary>
    /// <param name="target">Of <see cref="EncodedLength"/> at least.</param>
    public static int Encode(ReadOnlySpan<byte> text, Span<byte> target)
    {
        ReadOnlySpan<byte> lengths = HuffmanCode.Lengths;
        ReadOnlySpan<uint> codes = HuffmanCode.Codes;
        ulong held = 0;
        int heldBits = 0;
        int written = 0;
        foreach (byte b in text)
        {
            int length = lengths[b];
            held = (held << length) | codes[b];
            heldBits += length;
            if (heldBits >= 32)
            {
                heldBits -= 32;
                BinaryPrimitives.WriteUInt32BigEndian(target[written..], (uint)(held >> heldBits));
                written += sizeof(uint);
            }
        }

        // The rest of the last byte is the beginning of the end of a string: ones.
        int padding = -heldBits & PaddingBitsMax;
        held = (held << padding) | ((1u << padding) - 1);
        for (heldBits += padding; heldBits > 0; written++)
        {
            heldBits -= 8;
            target[written] = (byte)(held >> heldBits);
        }

        return written;
    }

    /// <summary>False where this is no code of a text, then with 0 written, or where the target is too small, with -1.</summary>
    public static bool TryDecode(ReadOnlySpan<byte> source, Span<byte> target, out int written)
    {
        if (!TryDecodeStart(source, target, out written))
        {
            return false;
        }

        if (written > target.Length)
        {
            written = -1;
        }

        return written >= 0;
    }

    /// <summary>Reads all of a code and writes what has room of its text; false where it is none.</summary>
    /// <param name="length">Of the whole text, which may be more than the target's.</param>
    public static bool TryDecodeStart(ReadOnlySpan<byte> source, Span<byte> target, out int length)
    {
        ulong held = 0;
        int heldBits = 0;
        int at = 0;
        length = 0;
        while (true)
        {
            // With 32 bits the next code is there whole.
            if (heldBits < 32)
            {
                if (source.Length - at < sizeof(uint))
                {
                    break;
                }

                held |= (ulong)BinaryPrimitives.ReadUInt32BigEndian(source[at..]) << (32 - heldBits);
                heldBits += 32;
                at += sizeof(uint);
            }

            int bits;
            HuffmanCode.Characters characters = HuffmanCode.At(held);
            if (characters.Count > 0)
            {
                Put(characters, target, length);
                length += characters.Count;
                bits = characters.Bits;
            }
            else if (!TryTakeLong(held, target, ref length, out bits))
            {
                return false;
            }

            held <<= bits;
            heldBits -= bits;
        }

        for (; at < source.Length; at++)
        {
            held |= (ulong)source[at] << (56 - heldBits);
            heldBits += 8;
        }

        return TryDecodeEnd(held, heldBits, target, ref length);
    }

    // Behind the last bit ones stand here, as in the end of a string: what is cut off is found by its length.
    private static bool TryDecodeEnd(ulong held, int heldBits, Span<byte> target, ref int length)
    {
        held |= ulong.MaxValue >> heldBits;
        while (heldBits > PaddingBitsMax || held != ulong.MaxValue)
        {
            HuffmanCode.Characters characters = HuffmanCode.At(held);
            int bits = characters.Bits;
            if (characters.Count > 0)
            {
                if (bits > heldBits)
                {
                    characters = characters with { Count = 1 };
                    bits = HuffmanCode.Lengths[(byte)characters.Both];
                }

                Put(characters, target, length);
                length += characters.Count;
            }
            else if (!TryTakeLong(held, target, ref length, out bits))
            {
                return false;
            }

            if (bits > heldBits)
            {
                length = 0;
                return false;
            }

            held = (held << bits) | ((1ul << bits) - 1);
            heldBits -= bits;
        }

        return true;
    }

    private static bool TryTakeLong(ulong held, Span<byte> target, ref int length, out int bits)
    {
        int symbol = HuffmanCode.LongSymbolAt(held, out bits);
        if (symbol == HuffmanCode.EndOfString)
        {
            length = 0;
            return false;
        }

        if (length < target.Length)
        {
            target[length] = (byte)symbol;
        }

        length++;
        return true;
    }

    // Where there is room for two, two are written: the second one is overwritten if it does not count.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Put(HuffmanCode.Characters characters, Span<byte> target, int at)
    {
        if (at < target.Length - 1)
        {
            BinaryPrimitives.WriteUInt16LittleEndian(target[at..], characters.Both);
        }
        else if (at < target.Length)
        {
            target[at] = (byte)characters.Both;
        }
    }
}

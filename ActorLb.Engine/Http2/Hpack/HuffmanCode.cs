using System.Runtime.CompilerServices;

namespace ActorLb.Engine.Http2.Hpack;

/// <summary>
/// The code of RFC 7541, Appendix B. It is canonical: codes of one length count upwards with their symbols, and begin after the
/// shorter ones. So the lengths tell all of it.
/// </summary>
internal static class HuffmanCode
{
    /// <summary>The end of a string: in none is it written whole.</summary>
    public const int EndOfString = 256;

    private const int BitsMin = 5;
    private const int BitsMax = 30;

    /// <summary>Enough for two of the most frequent characters; the table has 8 KiB then.</summary>
    private const int WindowBits = 11;

    private const int Symbols = EndOfString + 1;

    // By length: the first code, where its symbol stands in the order, and what is above all codes up to this length in 32 bits.
    private static readonly uint[] First = new uint[BitsMax + 1];
    private static readonly int[] FirstAt = new int[BitsMax + 1];
    private static readonly ulong[] Above = new ulong[BitsMax + 1];

    private static readonly ushort[] ByCode = new ushort[Symbols];
    private static readonly uint[] CodeOf = new uint[Symbols];
    private static readonly Characters[] Windows = new Characters[1 << WindowBits];

    static HuffmanCode()
    {
        uint code = 0;
        int at = 0;
        for (int bits = BitsMin; bits <= BitsMax; bits++)
        {
            code <<= 1;
            First[bits] = code;
            FirstAt[bits] = at;
            for (int symbol = 0; symbol < Symbols; symbol++)
            {
                if (Lengths[symbol] == bits)
                {
                    ByCode[at++] = (ushort)symbol;
                    CodeOf[symbol] = code++;
                }
            }

            Above[bits] = (ulong)code << (32 - bits);
        }

        for (int i = 0; i < Windows.Length; i++)
        {
            Windows[i] = CharactersIn((uint)i << (32 - WindowBits));
        }
    }

    /// <summary>In bits, by symbol.</summary>
    public static ReadOnlySpan<byte> Lengths =>
    [
        13, 23, 28, 28, 28, 28, 28, 28, 28, 24, 30, 28, 28, 30, 28, 28,
        28, 28, 28, 28, 28, 28, 30, 28, 28, 28, 28, 28, 28, 28, 28, 28,
        6, 10, 10, 12, 13, 6, 8, 11, 10, 10, 8, 11, 8, 6, 6, 6,
        5, 5, 5, 6, 6, 6, 6, 6, 6, 6, 7, 8, 15, 6, 12, 10,
        13, 6, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7,
        7, 7, 7, 7, 7, 7, 7, 7, 8, 7, 8, 13, 19, 13, 14, 6,
        15, 5, 6, 5, 6, 5, 6, 6, 6, 5, 7, 7, 6, 6, 6, 5,
        6, 7, 6, 5, 5, 6, 7, 7, 7, 7, 7, 15, 11, 14, 13, 28,
        20, 22, 20, 20, 22, 22, 22, 23, 22, 23, 23, 23, 23, 23, 24, 23,
        24, 24, 22, 23, 24, 23, 23, 23, 23, 21, 22, 23, 22, 23, 23, 24,
        22, 21, 20, 22, 22, 23, 23, 21, 23, 22, 22, 24, 21, 22, 23, 23,
        21, 21, 22, 21, 23, 22, 23, 23, 20, 22, 22, 22, 23, 22, 22, 23,
        26, 26, 20, 19, 22, 23, 22, 25, 26, 26, 26, 27, 27, 26, 24, 25,
        19, 21, 26, 27, 27, 26, 27, 24, 21, 21, 26, 26, 28, 27, 27, 27,
        20, 24, 20, 21, 22, 21, 21, 23, 22, 22, 25, 25, 24, 24, 26, 23,
        26, 27, 26, 26, 27, 27, 27, 27, 27, 28, 27, 27, 27, 27, 27, 26,
        30,
    ];

    /// <summary>By symbol, in the lowest bits.</summary>
    public static ReadOnlySpan<uint> Codes => CodeOf;

    /// <summary>The one or two characters that this begins with; none where the first one's code is longer than the window.</summary>
    /// <param name="bits">From the highest one on.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Characters At(ulong bits) => Windows[bits >> (64 - WindowBits)];

    /// <summary>The symbol that this begins with, where a window has none.</summary>
    /// <param name="bits">From the highest one on.</param>
    /// <param name="length">Of its code.</param>
    public static int LongSymbolAt(ulong bits, out int length) => SymbolAt((uint)(bits >> 32), WindowBits + 1, out length);

    private static int SymbolAt(uint bits, int from, out int length)
    {
        // The last one is above all that there is.
        length = from;
        while (bits >= Above[length])
        {
            length++;
        }

        return ByCode[FirstAt[length] + (int)((bits >> (32 - length)) - First[length])];
    }

    private static Characters CharactersIn(uint bits)
    {
        int first = SymbolAt(bits, BitsMin, out int firstLength);
        if (firstLength > WindowBits)
        {
            return default;
        }

        int second = SymbolAt(bits << firstLength, BitsMin, out int secondLength);
        return firstLength + secondLength > WindowBits
            ? new Characters((ushort)first, (byte)firstLength, 1)
            : new Characters((ushort)(first | (second << 8)), (byte)(firstLength + secondLength), 2);
    }

    /// <param name="Both">The first one in the lower byte.</param>
    /// <param name="Bits">Of their codes.</param>
    /// <param name="Count">0 to 2.</param>
    public readonly record struct Characters(ushort Both, byte Bits, byte Count);
}

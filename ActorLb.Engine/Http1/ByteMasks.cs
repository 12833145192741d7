using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace ActorLb.Engine.Http1;

/// <summary>
/// What stands where in up to 64 bytes, one bit each: so a block of fields is read once, and each name and value ends
/// at the next set bit instead of at the end of a search of its own.
/// </summary>
internal readonly ref struct ByteMasks
{
    public const int BlockLength = 64;

    private const byte FirstPrintable = 0x20;
    private const byte Tab = 0x09;
    private const byte Delete = 0x7f;

    private ByteMasks(ulong stops, ulong others)
    {
        Stops = stops;
        Others = others;
    }

    /// <summary>Bytes that no field value may hold: control characters but HTAB; so also CR and LF.</summary>
    public ulong Stops { get; }

    /// <summary>Bytes that no token may hold; so also the colon and CR.</summary>
    public ulong Others { get; }

    // A byte is a token character if the entry of its low half has the bit that the entry of its high half is. The
    // sixteen entries are there four times, for shuffles that look in their own quarter of a wide register; as data
    // of the assembly, since the runtime does not fold a repeated constant (measured).
    private static ReadOnlySpan<byte> TokenLow =>
    [
        0b1110_1000, 0b1111_1100, 0b1111_1000, 0b1111_1100, 0b1111_1100, 0b1111_1100, 0b1111_1100, 0b1111_1100,
        0b1111_1000, 0b1111_1000, 0b1111_0100, 0b0101_0100, 0b1101_0000, 0b0101_0100, 0b1111_0100, 0b0111_0000,
        0b1110_1000, 0b1111_1100, 0b1111_1000, 0b1111_1100, 0b1111_1100, 0b1111_1100, 0b1111_1100, 0b1111_1100,
        0b1111_1000, 0b1111_1000, 0b1111_0100, 0b0101_0100, 0b1101_0000, 0b0101_0100, 0b1111_0100, 0b0111_0000,
        0b1110_1000, 0b1111_1100, 0b1111_1000, 0b1111_1100, 0b1111_1100, 0b1111_1100, 0b1111_1100, 0b1111_1100,
        0b1111_1000, 0b1111_1000, 0b1111_0100, 0b0101_0100, 0b1101_0000, 0b0101_0100, 0b1111_0100, 0b0111_0000,
        0b1110_1000, 0b1111_1100, 0b1111_1000, 0b1111_1100, 0b1111_1100, 0b1111_1100, 0b1111_1100, 0b1111_1100,
        0b1111_1000, 0b1111_1000, 0b1111_0100, 0b0101_0100, 0b1101_0000, 0b0101_0100, 0b1111_0100, 0b0111_0000,
    ];

    private static ReadOnlySpan<byte> TokenHigh =>
    [
        1, 2, 4, 8, 16, 32, 64, 128, 0, 0, 0, 0, 0, 0, 0, 0,
        1, 2, 4, 8, 16, 32, 64, 128, 0, 0, 0, 0, 0, 0, 0, 0,
        1, 2, 4, 8, 16, 32, 64, 128, 0, 0, 0, 0, 0, 0, 0, 0,
        1, 2, 4, 8, 16, 32, 64, 128, 0, 0, 0, 0, 0, 0, 0, 0,
    ];

    // Not inlined: the one call per 64 bytes costs less than its registers would in the loop around it (measured).
    /// <param name="first">The first byte of the input.</param>
    /// <param name="block">Where the 64 bytes begin: before <paramref name="end"/>.</param>
    /// <param name="end">Where the readable input ends; bits beyond are not set.</param>
    [MethodImpl(MethodImplOptions.NoInlining)]
    public static ByteMasks Of(ref byte first, nint block, nint end)
    {
        Debug.Assert(block >= 0 && block < end);
        int missing = (int)(block + BlockLength - end);
        if (missing <= 0)
        {
            return OfBlock(ref Unsafe.Add(ref first, block));
        }

        if (end >= BlockLength)
        {
            // The last 64 bytes, of which some were looked at before.
            ByteMasks last = OfBlock(ref Unsafe.Add(ref first, end - BlockLength));
            return new ByteMasks(last.Stops >> missing, last.Others >> missing);
        }

        return OfFew(ref first, block, end);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ByteMasks OfBlock(ref byte first)
    {
        if (Avx512BW.IsSupported)
        {
            var bytes = Vector512.LoadUnsafe(ref first);
            Vector512<byte> high = (bytes.AsUInt16() >>> 4).AsByte() & Vector512.Create((byte)0x0f);
            ulong controls = Vector512.LessThan(bytes, Vector512.Create(FirstPrintable)).ExtractMostSignificantBits();
            ulong tabs = Vector512.Equals(bytes, Vector512.Create(Tab)).ExtractMostSignificantBits();
            ulong deletes = Vector512.Equals(bytes, Vector512.Create(Delete)).ExtractMostSignificantBits();

            // The shuffle looks at the low half of each index by itself, and gives 0 beyond ASCII.
            Vector512<byte> tokens = Avx512BW.Shuffle(Vector512.LoadUnsafe(ref MemoryMarshal.GetReference(TokenLow)), bytes)
                & Avx512BW.Shuffle(Vector512.LoadUnsafe(ref MemoryMarshal.GetReference(TokenHigh)), high);
            return new ByteMasks((controls & ~tabs) | deletes, Vector512.Equals(tokens, Vector512<byte>.Zero).ExtractMostSignificantBits());
        }

        (uint stops0, uint others0) = OfHalf(ref first);
        (uint stops1, uint others1) = OfHalf(ref Unsafe.Add(ref first, BlockLength / 2));
        return new ByteMasks(stops0 | ((ulong)stops1 << 32), others0 | ((ulong)others1 << 32));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static (uint Stops, uint Others) OfHalf(ref byte first)
    {
        if (Avx2.IsSupported)
        {
            var bytes = Vector256.LoadUnsafe(ref first);
            Vector256<byte> high = (bytes.AsUInt16() >>> 4).AsByte() & Vector256.Create((byte)0x0f);
            Vector256<byte> stops = Vector256.AndNot(
                Vector256.LessThan(bytes, Vector256.Create(FirstPrintable)), Vector256.Equals(bytes, Vector256.Create(Tab)))
                | Vector256.Equals(bytes, Vector256.Create(Delete));
            Vector256<byte> tokens = Avx2.Shuffle(Vector256.LoadUnsafe(ref MemoryMarshal.GetReference(TokenLow)), bytes)
                & Avx2.Shuffle(Vector256.LoadUnsafe(ref MemoryMarshal.GetReference(TokenHigh)), high);
            return (stops.ExtractMostSignificantBits(), Vector256.Equals(tokens, Vector256<byte>.Zero).ExtractMostSignificantBits());
        }

        (uint stops0, uint others0) = OfQuarter(ref first);
        (uint stops1, uint others1) = OfQuarter(ref Unsafe.Add(ref first, BlockLength / 4));
        return (stops0 | (stops1 << 16), others0 | (others1 << 16));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static (uint Stops, uint Others) OfQuarter(ref byte first)
    {
        var bytes = Vector128.LoadUnsafe(ref first);
        Vector128<byte> low = bytes & Vector128.Create((byte)0x0f);
        Vector128<byte> high = bytes >>> 4;
        Vector128<byte> stops = Vector128.AndNot(
            Vector128.LessThan(bytes, Vector128.Create(FirstPrintable)), Vector128.Equals(bytes, Vector128.Create(Tab)))
            | Vector128.Equals(bytes, Vector128.Create(Delete));
        Vector128<byte> tokens = Vector128.ShuffleNative(Vector128.LoadUnsafe(ref MemoryMarshal.GetReference(TokenLow)), low)
            & Vector128.ShuffleNative(Vector128.LoadUnsafe(ref MemoryMarshal.GetReference(TokenHigh)), high);
        return (stops.ExtractMostSignificantBits(), Vector128.Equals(tokens, Vector128<byte>.Zero).ExtractMostSignificantBits());
    }

    // Inputs below 64 bytes: small requests, and most trailers.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static ByteMasks OfFew(ref byte first, nint block, nint end)
    {
        const int Quarter = BlockLength / 4;
        ulong stops = 0;
        ulong others = 0;
        nint at = block;
        for (; at + Quarter <= end; at += Quarter)
        {
            (uint s, uint o) = OfQuarter(ref Unsafe.Add(ref first, at));
            stops |= (ulong)s << (int)(at - block);
            others |= (ulong)o << (int)(at - block);
        }

        if (at < end && end >= Quarter)
        {
            (uint s, uint o) = OfQuarter(ref Unsafe.Add(ref first, end - Quarter));
            int seen = (int)(at - (end - Quarter));
            stops |= (ulong)(s >> seen) << (int)(at - block);
            others |= (ulong)(o >> seen) << (int)(at - block);
            at = end;
        }

        for (; at < end; at++)
        {
            byte value = Unsafe.Add(ref first, at);
            stops |= (value < FirstPrintable && value != Tab) || value == Delete ? 1UL << (int)(at - block) : 0;
            others |= Tokens.Characters.Contains(value) ? 0 : 1UL << (int)(at - block);
        }

        return new ByteMasks(stops, others);
    }
}

using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace ActorLb.Engine.Http1;

/// <summary>
/// Reads field lines up to the empty line that ends them (RFC 9112, 5), in one pass: a header or a trailer section.
/// Every byte is looked at, since what a lenient parser would skip is where requests are smuggled.
/// </summary>
internal static class FieldBlock
{
    private const byte Colon = (byte)':';
    private const byte Space = (byte)' ';
    private const byte Tab = (byte)'\t';

    /// <param name="bytes">The input; what follows the block may be in it.</param>
    /// <param name="start">Where the first field line begins.</param>
    /// <param name="fields">Receives a field per line; not more than it holds are accepted.</param>
    /// <param name="summary">Is written where the result is complete.</param>
    /// <returns>Complete with what follows the empty line as the number of bytes consumed.</returns>
    public static ParseResult Read(
        ReadOnlySpan<byte> bytes, int start, in MessageLimits limits, Span<HeaderField> fields, ref FieldSummary summary)
    {
        // Nothing beyond the limit is looked at, so that the first fault within it is named whatever has arrived.
        var end = (nint)Math.Min(bytes.Length, (long)start + limits.FieldBytesMax);
        fields = fields[..Math.Min(limits.FieldCountMax, fields.Length)];
        ref byte first = ref MemoryMarshal.GetReference(bytes);
        nint line = start;
        nint block = start - ByteMasks.BlockLength;
        int count = 0;
        ulong seen = 0;
        ulong repeated = 0;
        ByteMasks masks = default;
        while (true)
        {
            // A name ends at the first byte that is no token character.
            ulong hits = 0;
            if (line - block < ByteMasks.BlockLength)
            {
                hits = masks.Others & (ulong.MaxValue << (int)(line - block));
            }

            while (hits == 0)
            {
                block += ByteMasks.BlockLength;
                if (block >= end)
                {
                    return FieldFault.Incomplete(bytes.Length, start, limits);
                }

                masks = ByteMasks.Of(ref first, block, end);
                hits = masks.Others & (ulong.MaxValue << (int)Math.Max(line - block, 0));
            }

            nint colon = block + BitOperations.TrailingZeroCount(hits);
            if (Unsafe.Add(ref first, colon) != Colon || (nuint)(colon - line - 1) >= ushort.MaxValue)
            {
                if (colon == line && IsLineEnd(ref first, line, end))
                {
                    summary.Count = count;
                    summary.Seen = new KnownFieldSet(seen);
                    summary.Repeated = new KnownFieldSet(repeated);
                    return ParseResult.Complete((int)line + 2);
                }

                return FieldFault.InName(bytes, start, (int)line, (int)colon, limits);
            }

            // A value ends at the next control character: at the first bit above the colon's.
            hits = masks.Stops & (ulong.MaxValue << (int)(colon - block));
            while (hits == 0)
            {
                block += ByteMasks.BlockLength;
                if (block >= end)
                {
                    return FieldFault.Incomplete(bytes.Length, start, limits);
                }

                masks = ByteMasks.Of(ref first, block, end);
                hits = masks.Stops;
            }

            nint stop = block + BitOperations.TrailingZeroCount(hits);
            if (!IsLineEnd(ref first, stop, end))
            {
                return FieldFault.InValue(bytes, start, (int)stop, limits);
            }

            if ((uint)count >= (uint)fields.Length)
            {
                return ParseResult.Rejected(MessageFault.FieldsTooMany);
            }

            KnownField known = KnownFieldTable.Find(ref first, line, (int)(colon - line));
            ulong bit = 1UL << (int)known;
            repeated |= seen & bit;
            seen |= bit;
            summary.Note(known, count);
            ref HeaderField field = ref fields[count];
            field.NameStart = (int)line;
            field.NameLength = (ushort)(colon - line);
            field.Known = known;
            if (Unsafe.Add(ref first, colon + 1) == Space
                && Unsafe.Add(ref first, colon + 2) > Space
                && Unsafe.Add(ref first, stop - 1) > Space)
            {
                field.ValueStart = (int)colon + 2;
                field.ValueLength = (int)(stop - colon) - 2;
                field.Traits = FieldTraits.Plain;
            }
            else
            {
                Trim(ref first, colon + 1, stop, ref field);
            }

            count++;
            line = stop + 2;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static bool IsLineEnd(ref byte first, nint at, nint end) =>
        at + 1 < end
        && Unsafe.ReadUnaligned<ushort>(ref Unsafe.Add(ref first, at)) == (BitConverter.IsLittleEndian ? 0x0a0d : 0x0d0a);

    // Values that are empty or have other whitespace around them than the usual one space.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void Trim(ref byte first, nint value, nint valueEnd, ref HeaderField field)
    {
        while (Unsafe.Add(ref first, value) is Space or Tab)
        {
            value++;
        }

        while (valueEnd > value && Unsafe.Add(ref first, valueEnd - 1) is Space or Tab)
        {
            valueEnd--;
        }

        field.ValueStart = (int)value;
        field.ValueLength = (int)(valueEnd - value);
        field.Traits = FieldTraits.None;
    }
}

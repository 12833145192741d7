using System.Buffers;

namespace ActorLb.Engine.Http2.Hpack;

/// <summary>
/// Reads the header blocks of one direction of a connection, in their order and whole (RFC 7541, 3 and 6). One thread at a time.
/// </summary>
internal sealed class HpackDecoder
{
    /// <summary>The table that a connection begins with (RFC 9113, 6.5.2).</summary>
    public const int UsualTableBytes = 4096;

    private const byte Indexed = 0x80;
    private const byte Added = 0x40;
    private const byte TableSize = 0x20;
    private const byte NeverIndexed = 0x10;

    private const int IndexedBits = 7;
    private const int AddedBits = 6;
    private const int TableSizeBits = 5;
    private const int LiteralBits = 4;
    private const int StringBits = 7;

    /// <summary>The lowest size that there was between two blocks, and the last one (RFC 7541, 4.2).</summary>
    private const int TableSizesMax = 2;

    private readonly int _tableBytesMax;
    private readonly HpackTable _table;

    /// <param name="tableBytesMax">
    /// What SETTINGS_HEADER_TABLE_SIZE told the other side. Less than the usual one only where it reads that before its first
    /// block, as a server does.
    /// </param>
    public HpackDecoder(int tableBytesMax)
    {
        _tableBytesMax = tableBytesMax;
        _table = new HpackTable(tableBytesMax);
        _table.SetLimit(Math.Min(tableBytesMax, UsualTableBytes));
    }

    /// <summary>What earlier blocks left.</summary>
    public HpackTable Table => _table;

    /// <summary>Reads one block, of which no part is read twice. After <see cref="HpackStatus.Broken"/> no other may follow.</summary>
    /// <param name="text">For names and values.</param>
    /// <param name="fieldCount">How many fields are there; those before the first one without room.</param>
    /// <param name="textLength">Of their names and values.</param>
    public HpackStatus Decode(ReadOnlySpan<byte> block, Span<byte> text, Span<HpackField> fields, out int fieldCount, out int textLength)
    {
        var output = new HpackOutput(text, fields);
        int at = 0;
        bool isGood = TryReadTableSizes(block, ref at);
        while (isGood && at < block.Length)
        {
            isGood = TryReadField(block, ref at, ref output);
        }

        fieldCount = output.FieldCount;
        textLength = output.TextLength;
        return !isGood ? HpackStatus.Broken : output.IsFull ? HpackStatus.TooLarge : HpackStatus.Done;
    }

    // Anywhere else they are an error (4.2).
    private bool TryReadTableSizes(ReadOnlySpan<byte> block, ref int at)
    {
        for (int i = 0; at < block.Length && (block[at] >> TableSizeBits) == TableSize >> TableSizeBits; i++)
        {
            if (i == TableSizesMax || !HpackInteger.TryRead(block, ref at, TableSizeBits, out int size) || size > _tableBytesMax)
            {
                return false;
            }

            _table.SetLimit(size);
        }

        return true;
    }

    private bool TryReadField(ReadOnlySpan<byte> block, ref int at, ref HpackOutput output) => block[at] switch
    {
        >= Indexed => HpackInteger.TryRead(block, ref at, IndexedBits, out int index) && TryCopyField(index, ref output),
        >= Added => TryReadLiteral(block, ref at, AddedBits, isNeverIndexed: false, ref output),
        >= TableSize => false,
        var first => TryReadLiteral(block, ref at, LiteralBits, first >= NeverIndexed, ref output),
    };

    private bool TryCopyField(int index, ref HpackOutput output)
    {
        if (index is > 0 and <= HpackStaticTable.Count)
        {
            ReadOnlySpan<byte> name = HpackStaticTable.NameOf(index);
            ReadOnlySpan<byte> value = HpackStaticTable.ValueOf(index);
            if (output.TryReserve(name.Length, value.Length))
            {
                name.CopyTo(output.Free);
                value.CopyTo(output.Free[name.Length..]);
                output.Add(name.Length, value.Length, isNeverIndexed: false);
            }

            return true;
        }

        // Index 0 is none, and has no age.
        if (!_table.TryGet(index - HpackStaticTable.Count - 1, out HpackTable.Entry entry))
        {
            return false;
        }

        if (output.TryReserve(entry.NameLength, entry.ValueLength))
        {
            _table.CopyField(entry, output.Free);
            output.Add(entry.NameLength, entry.ValueLength, isNeverIndexed: false);
        }

        return true;
    }

    private bool TryReadLiteral(ReadOnlySpan<byte> block, ref int at, int prefixBits, bool isNeverIndexed, ref HpackOutput output)
    {
        int start = at;
        Span<byte> free = output.Free;
        if (!TryReadTexts(block, ref at, prefixBits, free, out int nameLength, out int valueLength))
        {
            return false;
        }

        bool isAdded = prefixBits == AddedBits;
        if ((long)nameLength + valueLength <= free.Length)
        {
            // Its name may be one of an entry that goes now, and is in the text already (4.4).
            if (isAdded)
            {
                _table.Add(free[..nameLength], free.Slice(nameLength, valueLength));
            }
        }
        else if (isAdded)
        {
            AddWithoutRoom(block, start, nameLength, valueLength);
        }

        if (output.TryReserve(nameLength, valueLength))
        {
            output.Add(nameLength, valueLength, isNeverIndexed);
        }

        return true;
    }

    private void AddWithoutRoom(ReadOnlySpan<byte> block, int at, int nameLength, int valueLength)
    {
        if (HpackTable.SizeOf(nameLength, valueLength) > _table.Limit)
        {
            _table.Clear();
            return;
        }

        byte[] held = ArrayPool<byte>.Shared.Rent(nameLength + valueLength);
        TryReadTexts(block, ref at, AddedBits, held, out _, out _);
        _table.Add(held.AsSpan(0, nameLength), held.AsSpan(nameLength, valueLength));
        ArrayPool<byte>.Shared.Return(held);
    }

    /// <summary>Reads a literal field to its end, and writes its name and its value where both have room; false where it is none.</summary>
    private bool TryReadTexts(ReadOnlySpan<byte> block, ref int at, int prefixBits, Span<byte> target, out int nameLength, out int valueLength)
    {
        valueLength = 0;
        nameLength = 0;
        if (!HpackInteger.TryRead(block, ref at, prefixBits, out int index)
            || !(index == 0 ? TryReadString(block, ref at, target, out nameLength) : TryCopyName(index, target, out nameLength)))
        {
            return false;
        }

        return TryReadString(block, ref at, nameLength < target.Length ? target[nameLength..] : default, out valueLength);
    }

    private bool TryCopyName(int index, Span<byte> target, out int length)
    {
        if (index <= HpackStaticTable.Count)
        {
            ReadOnlySpan<byte> name = HpackStaticTable.NameOf(index);
            name[..Math.Min(name.Length, target.Length)].CopyTo(target);
            length = name.Length;
            return true;
        }

        bool isThere = _table.TryGet(index - HpackStaticTable.Count - 1, out HpackTable.Entry entry);
        length = entry.NameLength;
        if (isThere && length <= target.Length)
        {
            _table.CopyName(entry, target);
        }

        return isThere;
    }

    private static bool TryReadString(ReadOnlySpan<byte> block, ref int at, Span<byte> target, out int length)
    {
        length = 0;
        bool isCoded = at < block.Length && (block[at] >> StringBits) != 0;
        if (!HpackInteger.TryRead(block, ref at, StringBits, out int bytes) || bytes > block.Length - at)
        {
            return false;
        }

        ReadOnlySpan<byte> read = block.Slice(at, bytes);
        at += bytes;
        if (isCoded)
        {
            return HpackHuffman.TryDecodeStart(read, target, out length);
        }

        length = bytes;
        read[..Math.Min(bytes, target.Length)].CopyTo(target);
        return true;
    }
}

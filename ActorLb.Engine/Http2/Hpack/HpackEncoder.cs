namespace ActorLb.Engine.Http2.Hpack;

/// <summary>
/// Writes header blocks that leave nothing behind in the other side's table: what one request holds has no influence on the length of
/// another, so that nobody can guess secrets by it (RFC 7541, 7.1), and blocks may be written in any order.
/// </summary>
internal static class HpackEncoder
{
    private const byte Indexed = 0x80;
    private const byte TableSize = 0x20;
    private const byte NeverIndexed = 0x10;
    private const byte Coded = 0x80;

    private const int IndexedBits = 7;
    private const int TableSizeBits = 5;
    private const int LiteralBits = 4;
    private const int StringBits = 7;

    // Of the static table.
    private const int Authorization = 23;
    private const int Cookie = 32;
    private const int ProxyAuthorization = 49;
    private const int SetCookie = 55;

    /// <summary>Writes that the table has this size from here on; at a block's beginning. At most six bytes.</summary>
    public static int WriteTableSize(int size, Span<byte> target) => HpackInteger.Write(size, TableSizeBits, TableSize, target);

    /// <summary>Writes one field; false where it has no room, then with 0 written, whatever bytes of the target were changed.</summary>
    public static bool TryWrite(ReadOnlySpan<byte> lowerCaseName, ReadOnlySpan<byte> value, Span<byte> target, out int written)
    {
        written = 0;
        int index = HpackStaticTable.Find(lowerCaseName, value, out int nameIndex);
        bool isSecret = nameIndex is Authorization or Cookie or ProxyAuthorization or SetCookie;
        if (index > 0 && !isSecret)
        {
            return TryWriteInteger(index, IndexedBits, Indexed, target, ref written);
        }

        if (TryWriteInteger(nameIndex, LiteralBits, isSecret ? NeverIndexed : (byte)0, target, ref written)
            && (nameIndex > 0 || TryWriteString(lowerCaseName, target, ref written))
            && TryWriteString(value, target, ref written))
        {
            return true;
        }

        written = 0;
        return false;
    }

    private static bool TryWriteInteger(int value, int prefixBits, byte kind, Span<byte> target, ref int written)
    {
        if (HpackInteger.LengthOf(value, prefixBits) > target.Length - written)
        {
            return false;
        }

        written += HpackInteger.Write(value, prefixBits, kind, target[written..]);
        return true;
    }

    private static bool TryWriteString(ReadOnlySpan<byte> text, Span<byte> target, ref int written)
    {
        int codedLength = HpackHuffman.EncodedLength(text);
        bool isCoded = codedLength < text.Length;
        int length = isCoded ? codedLength : text.Length;
        if (!TryWriteInteger(length, StringBits, isCoded ? Coded : (byte)0, target, ref written) || length > target.Length - written)
        {
            return false;
        }

        if (isCoded)
        {
            HpackHuffman.Encode(text, target[written..]);
        }
        else
        {
            text.CopyTo(target[written..]);
        }

        written += length;
        return true;
    }
}

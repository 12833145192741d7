using System.Text;
using ActorLb.Engine.Http2.Hpack;

namespace ActorLb.Tests.Http2.Hpack;

/// <summary>Header blocks as tests write and read them.</summary>
internal static class HeaderBlocks
{
    public static byte[] Hex(string digits) => Convert.FromHexString(digits.Replace(" ", "").ReplaceLineEndings(""));

    /// <summary>What a decoder with room for all of it makes of a block.</summary>
    public static HpackStatus Decode(HpackDecoder decoder, ReadOnlySpan<byte> block, out string[] fields)
    {
        var text = new byte[64 * 1024];
        var found = new HpackField[1024];
        HpackStatus status = decoder.Decode(block, text, found, out int count, out _);
        fields = [.. found.Take(count).Select(f => Line(f, text))];
        return status;
    }

    /// <summary>The fields of a block that is good.</summary>
    public static string[] Decode(HpackDecoder decoder, byte[] block) =>
        Decode(decoder, block, out string[] fields) is HpackStatus.Done ? fields : throw new InvalidDataException(Convert.ToHexString(block));

    public static string[] Decode(HpackDecoder decoder, string hex) => Decode(decoder, Hex(hex));

    public static string Line(HpackField field, byte[] text) =>
        Encoding.Latin1.GetString(text, field.NameStart, field.NameLength) + ": " + Encoding.Latin1.GetString(text, field.ValueStart, field.ValueLength);

    /// <summary>The entries of a table, the newest first.</summary>
    public static string[] Entries(HpackTable table)
    {
        List<string> entries = [];
        for (int age = 0; table.TryGet(age, out HpackTable.Entry entry); age++)
        {
            var text = new byte[entry.NameLength + entry.ValueLength];
            table.CopyField(entry, text);
            entries.Add(Line(new HpackField(0, entry.NameLength, entry.NameLength, entry.ValueLength, false), text));
        }

        return [.. entries];
    }

    /// <summary>A literal field with a name of its own.</summary>
    /// <param name="kind">0x40 to add it to the table, 0 not to, 0x10 never to.</param>
    public static byte[] Literal(byte kind, string name, string value, bool isCoded = false) => [kind, .. Text(name, isCoded), .. Text(value, isCoded)];

    /// <summary>A literal field with the name of an entry.</summary>
    public static byte[] LiteralOf(byte kind, int index, string value, bool isCoded = false) =>
        [.. Integer(index, kind == 0x40 ? 6 : 4, kind), .. Text(value, isCoded)];

    public static byte[] Text(string text, bool isCoded)
    {
        byte[] bytes = Encoding.Latin1.GetBytes(text);
        if (isCoded)
        {
            var coded = new byte[HpackHuffman.EncodedLength(bytes)];
            HpackHuffman.Encode(bytes, coded);
            bytes = coded;
        }

        return [.. Integer(bytes.Length, 7, (byte)(isCoded ? 0x80 : 0)), .. bytes];
    }

    public static byte[] Integer(int value, int prefixBits, byte kind)
    {
        var bytes = new byte[8];
        return bytes[..HpackInteger.Write(value, prefixBits, kind, bytes)];
    }
}

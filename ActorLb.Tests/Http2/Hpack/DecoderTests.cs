using ActorLb.Engine.Http2.Hpack;
using Xunit;

namespace ActorLb.Tests.Http2.Hpack;

public sealed class DecoderTests
{
    [Theory]
    [InlineData("80")] // Index 0.
    [InlineData("be")] // The first entry of an empty table.
    [InlineData("ff00")] // Index 127.
    [InlineData("7f00 0161")] // A name of no entry, to be added.
    [InlineData("0f80 01 0161")] // A name of no entry.
    [InlineData("ff ffff ffff 07")] // 2^31-1 + 127: above 2^31-1.
    [InlineData("ff 8080 8080 8000")] // Six bytes behind the prefix.
    [InlineData("ff 8080 8080 80")] // No end within five.
    [InlineData("ff80")] // No end within the block.
    [InlineData("ff")]
    [InlineData("40")] // Neither name nor value.
    [InlineData("4001")] // No name.
    [InlineData("4001 61")] // No value.
    [InlineData("4001 6102 62")] // Half of one.
    [InlineData("007f")] // Half of a length.
    [InlineData("007f ffff ffff 07 61")] // A length above 2^31-1.
    [InlineData("007f 80ff ffff 07 61")] // A length of almost that.
    [InlineData("3fe2 1f")] // A table of 4097 bytes.
    [InlineData("20 20 20")] // Three sizes.
    [InlineData("82 20")] // A size behind a field.
    [InlineData("3f")] // Half a size.
    [InlineData("0081 ff00")] // A name of padding.
    [InlineData("0001 6184 ffff fffc")] // The end of a string in a value.
    public void A_broken_block_is_refused_wherever_it_has_room(string hex)
    {
        Assert.Equal(HpackStatus.Broken, HeaderBlocks.Decode(new HpackDecoder(4096), HeaderBlocks.Hex(hex), out _));
        Assert.Equal(HpackStatus.Broken, new HpackDecoder(4096).Decode(HeaderBlocks.Hex(hex), [], [], out int fields, out int text));
        Assert.Equal((0, 0), (fields, text));
    }

    [Theory]
    [InlineData(int.MaxValue, true)]
    [InlineData(int.MaxValue + 1L, false)]
    [InlineData(34_359_738_367 + 31, false)]
    public void Integers_end_at_two_to_the_31st(long value, bool isGood)
    {
        List<byte> bytes = [0x1f];
        for (value -= 31; value >= 128; value >>= 7)
        {
            bytes.Add((byte)(0x80 | (value & 0x7f)));
        }

        bytes.Add((byte)value);
        int at = 0;
        Assert.Equal(isGood, HpackInteger.TryRead(bytes.ToArray(), ref at, 5, out int read));
        Assert.Equal(isGood, read == int.MaxValue);
    }

    [Fact]
    public void Integers_of_every_length_are_as_long_as_is_said()
    {
        long[] values = [.. Enumerable.Range(0, 31).SelectMany(b => new[] { (1L << b) - 1, 1L << b, (1L << b) + 1, (1L << b) + 30, (1L << b) + 126 })];
        foreach (int value in values.Append(int.MaxValue).Where(v => v <= int.MaxValue).Select(v => (int)v))
        {
            for (int bits = 4; bits <= 7; bits++)
            {
                byte[] bytes = HeaderBlocks.Integer(value, bits, 0);
                int at = 0;
                Assert.True(HpackInteger.TryRead(bytes, ref at, bits, out int read));
                Assert.Equal((value, bytes.Length, bytes.Length), (read, at, HpackInteger.LengthOf(value, bits)));
            }
        }
    }

    [Fact]
    public void An_integer_may_be_longer_than_it_needs_to_be_up_to_five_bytes()
    {
        int at = 0;
        Assert.True(HpackInteger.TryRead([0x1f, 0x80, 0x80, 0x80, 0x80, 0x00], ref at, 5, out int value));
        Assert.Equal((31, 6), (value, at));
    }

    [Fact]
    public void All_of_the_static_table_is_there()
    {
        byte[] block = [.. Enumerable.Range(1, 61).Select(i => (byte)(0x80 | i))];
        string[] fields = HeaderBlocks.Decode(new HpackDecoder(4096), block);
        Assert.Equal(61, fields.Length);
        Assert.Equal(
            [":authority: ", ":method: GET", ":status: 500", "accept-encoding: gzip, deflate", "authorization: ", "cookie: ", "set-cookie: ", "www-authenticate: "],
            new[] { 1, 2, 14, 16, 23, 32, 55, 61 }.Select(i => fields[i - 1]));
    }

    [Fact]
    public void Only_what_is_marked_so_is_never_indexed()
    {
        byte[] block =
        [
            0x82,
            .. HeaderBlocks.Literal(0x10, "password", "secret"), .. HeaderBlocks.LiteralOf(0x10, 23, "b"),
            .. HeaderBlocks.Literal(0, "x", "1"), .. HeaderBlocks.Literal(0x40, "y", "2"),
        ];
        var fields = new HpackField[8];
        Assert.Equal(HpackStatus.Done, new HpackDecoder(4096).Decode(block, new byte[256], fields, out int count, out _));
        Assert.Equal([false, true, true, false, false], fields.Take(count).Select(f => f.NeverIndexed));
    }

    [Fact]
    public void An_entry_larger_than_the_table_leaves_it_empty_and_is_a_field_all_the_same()
    {
        var decoder = new HpackDecoder(100);
        HeaderBlocks.Decode(decoder, HeaderBlocks.Literal(0x40, "a", "b"));
        string fits = new('v', 100 - 32 - 1);
        Assert.Equal(["n: " + fits], HeaderBlocks.Decode(decoder, HeaderBlocks.Literal(0x40, "n", fits)));
        Assert.Equal((1, 100), (decoder.Table.Count, decoder.Table.Size));
        Assert.Equal(["n: " + fits + "v"], HeaderBlocks.Decode(decoder, HeaderBlocks.Literal(0x40, "n", fits + "v")));
        Assert.Equal((0, 0), (decoder.Table.Count, decoder.Table.Size));
    }

    [Fact]
    public void A_table_goes_to_nothing_and_comes_back()
    {
        var decoder = new HpackDecoder(4096);
        HeaderBlocks.Decode(decoder, HeaderBlocks.Literal(0x40, "a", "b"));
        Assert.Equal(["a: b"], HeaderBlocks.Decode(decoder, "be"));

        // To 0 and back to 4096 in one block: what was there is gone.
        Assert.Empty(HeaderBlocks.Decode(decoder, [0x20, .. HeaderBlocks.Integer(4096, 5, 0x20)]));
        Assert.Equal((0, 4096), (decoder.Table.Count, decoder.Table.Limit));
        Assert.Equal(["c: d"], HeaderBlocks.Decode(decoder, HeaderBlocks.Literal(0x40, "c", "d")));
        Assert.Equal(["c: d"], HeaderBlocks.Decode(decoder, "be"));

        Assert.Equal(["e: f"], HeaderBlocks.Decode(decoder, [0x20, .. HeaderBlocks.Literal(0x40, "e", "f")]));
        Assert.Equal(HpackStatus.Broken, HeaderBlocks.Decode(decoder, [0xbe], out _));
    }

    [Fact]
    public void A_smaller_table_keeps_the_newest_entries()
    {
        var decoder = new HpackDecoder(4096);
        HeaderBlocks.Decode(decoder, [.. HeaderBlocks.Literal(0x40, "a", "1"), .. HeaderBlocks.Literal(0x40, "b", "2"), .. HeaderBlocks.Literal(0x40, "c", "3")]);
        HeaderBlocks.Decode(decoder, HeaderBlocks.Integer(68, 5, 0x20));
        Assert.Equal(["c: 3", "b: 2"], HeaderBlocks.Entries(decoder.Table));
        HeaderBlocks.Decode(decoder, HeaderBlocks.Integer(67, 5, 0x20));
        Assert.Equal(["c: 3"], HeaderBlocks.Entries(decoder.Table));
    }

    [Fact]
    public void A_table_of_nothing_holds_nothing()
    {
        var decoder = new HpackDecoder(0);
        Assert.Equal([":path: /x", "a: b"], HeaderBlocks.Decode(decoder, [0x20, .. HeaderBlocks.LiteralOf(0x40, 4, "/x"), .. HeaderBlocks.Literal(0x40, "a", "b")]));
        Assert.Equal(0, decoder.Table.Count);
        Assert.Equal(HpackStatus.Broken, HeaderBlocks.Decode(decoder, [0xbe], out _));
    }

    [Fact]
    public void A_table_of_more_than_the_usual_size_begins_with_that()
    {
        var decoder = new HpackDecoder(8192);
        Assert.Equal(4096, decoder.Table.Limit);
        HeaderBlocks.Decode(decoder, HeaderBlocks.Integer(8192, 5, 0x20));
        Assert.Equal(8192, decoder.Table.Limit);
        Assert.Equal(HpackStatus.Broken, HeaderBlocks.Decode(decoder, HeaderBlocks.Integer(8193, 5, 0x20), out _));
    }

    [Fact]
    public void A_name_may_be_that_of_an_entry_that_goes_for_the_new_one()
    {
        var decoder = new HpackDecoder(100);
        HeaderBlocks.Decode(decoder, HeaderBlocks.Literal(0x40, "name", new string('a', 60)));
        string value = new('b', 64);
        Assert.Equal(["name: " + value], HeaderBlocks.Decode(decoder, HeaderBlocks.LiteralOf(0x40, 62, value)));
        Assert.Equal(["name: " + value], HeaderBlocks.Entries(decoder.Table));

        // The same where the text has no room for it.
        string next = new('c', 63);
        Assert.Equal(HpackStatus.TooLarge, decoder.Decode(HeaderBlocks.LiteralOf(0x40, 62, next), new byte[20], new HpackField[4], out _, out _));
        Assert.Equal(["name: " + next], HeaderBlocks.Entries(decoder.Table));
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(0)]
    [InlineData(1)]
    public void A_block_with_more_text_than_there_is_room_for_is_too_large(int more)
    {
        byte[] block = [0x82, .. HeaderBlocks.Literal(0x40, "name", "value"), .. HeaderBlocks.Literal(0, "n", "v", isCoded: true)];
        const int Length = 10 + 9 + 2;
        var text = new byte[Length - more];
        var fields = new HpackField[3];
        var decoder = new HpackDecoder(4096);
        HpackStatus status = decoder.Decode(block, text, fields, out int count, out int textLength);
        Assert.Equal(more > 0 ? (HpackStatus.TooLarge, 2, Length - 2) : (HpackStatus.Done, 3, Length), (status, count, textLength));
        Assert.Equal(["name: value"], HeaderBlocks.Decode(decoder, "be"));
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(0)]
    [InlineData(1)]
    public void A_block_with_more_fields_than_there_is_room_for_is_too_large(int more)
    {
        byte[] block = [0x82, .. HeaderBlocks.Literal(0x40, "name", "value"), .. HeaderBlocks.Literal(0x40, "n", "v")];
        var decoder = new HpackDecoder(4096);
        HpackStatus status = decoder.Decode(block, new byte[256], new HpackField[3 - more], out int count, out _);
        Assert.Equal(more > 0 ? (HpackStatus.TooLarge, 2) : (HpackStatus.Done, 3), (status, count));
        Assert.Equal(["n: v", "name: value"], HeaderBlocks.Entries(decoder.Table));
    }

    [Fact]
    public void Nothing_is_taken_after_the_first_field_without_room()
    {
        byte[] block = [.. HeaderBlocks.Literal(0, "a", new string('x', 50)), .. HeaderBlocks.Literal(0, "b", "y"), 0x82];
        Assert.Equal(HpackStatus.TooLarge, new HpackDecoder(4096).Decode(block, new byte[40], new HpackField[9], out int count, out int length));
        Assert.Equal((0, 0), (count, length));
    }

    [Fact]
    public void Errors_are_found_behind_the_last_field_with_room()
    {
        byte[] block = [0x82, 0x82, 0x82, 0x80];
        Assert.Equal(HpackStatus.Broken, new HpackDecoder(4096).Decode(block, new byte[12], new HpackField[9], out _, out _));
    }
}

using System.Text;
using ActorLb.Engine.Http2.Hpack;
using Xunit;
using Xunit.Abstractions;

namespace ActorLb.Tests.Http2.Hpack;

public sealed class HuffmanTests(ITestOutputHelper output)
{
    /// <summary>The first and the last code of each length; those between count upwards with their symbols.</summary>
    [Theory]
    [InlineData(5, '0', 0x0, 't', 0x9)]
    [InlineData(6, ' ', 0x14, 'u', 0x2d)]
    [InlineData(7, ':', 0x5c, 'z', 0x7b)]
    [InlineData(8, '&', 0xf8, 'Z', 0xfd)]
    [InlineData(10, '!', 0x3f8, '?', 0x3fc)]
    [InlineData(11, '\'', 0x7fa, '|', 0x7fc)]
    [InlineData(12, '#', 0xffa, '>', 0xffb)]
    [InlineData(13, 0, 0x1ff8, '~', 0x1ffd)]
    [InlineData(14, '^', 0x3ffc, '}', 0x3ffd)]
    [InlineData(15, '<', 0x7ffc, '{', 0x7ffe)]
    [InlineData(19, '\\', 0x7fff0, 208, 0x7fff2)]
    [InlineData(20, 128, 0xfffe6, 226, 0xfffed)]
    [InlineData(21, 153, 0x1fffdc, 230, 0x1fffe8)]
    [InlineData(22, 129, 0x3fffd2, 233, 0x3fffeb)]
    [InlineData(23, 1, 0x7fffd8, 239, 0x7ffff4)]
    [InlineData(24, 9, 0xffffea, 237, 0xfffff5)]
    [InlineData(25, 199, 0x1ffffec, 235, 0x1ffffef)]
    [InlineData(26, 192, 0x3ffffe0, 255, 0x3ffffee)]
    [InlineData(27, 203, 0x7ffffde, 254, 0x7fffff0)]
    [InlineData(28, 2, 0xfffffe2, 249, 0xffffffe)]
    [InlineData(30, 10, 0x3ffffffc, 256, 0x3fffffff)]
    public void Codes_are_those_of_the_standard(int bits, int first, int firstCode, int last, int lastCode)
    {
        int[] symbols = [.. Enumerable.Range(0, 257).Where(s => HuffmanCode.Lengths[s] == bits)];
        Assert.Equal((first, last), (symbols[0], symbols[^1]));
        Assert.Equal(lastCode - firstCode + 1, symbols.Length);
        Assert.Equal(Enumerable.Range(firstCode, symbols.Length), symbols.Select(s => (int)HuffmanCode.Codes[s]));
    }

    [Fact]
    public void Every_character_comes_back_alone_and_beside_every_other_one()
    {
        for (int first = 0; first < 256; first++)
        {
            CheckRoundTrip([(byte)first]);
            for (int second = 0; second < 256; second++)
            {
                CheckRoundTrip([(byte)first, (byte)second]);
            }
        }
    }

    [Fact]
    public void Any_text_comes_back()
    {
        var random = new Random(Seed());
        for (int i = 0; i < 3000; i++)
        {
            var text = new byte[random.Next(80)];
            random.NextBytes(text);
            if (i % 2 == 0)
            {
                text = [.. text.Select(b => (byte)(' ' + (b % 95)))];
            }

            CheckRoundTrip(text);
        }
    }

    [Fact]
    public void Cut_off_anywhere_it_is_an_error_or_the_beginning_of_the_text()
    {
        byte[] text = [.. Encoding.ASCII.GetBytes("https://www.example.com/a?b={c}"), 0, 10, 200, 255, (byte)'e'];
        byte[] coded = Encode(text);
        for (int length = 0; length < coded.Length; length++)
        {
            var target = new byte[text.Length];
            if (HpackHuffman.TryDecode(coded.AsSpan(0, length), target, out int written))
            {
                Assert.Equal(text[..written], target[..written]);
                Assert.Equal(length, HpackHuffman.EncodedLength(text.AsSpan(0, written)));
            }
            else
            {
                Assert.Equal(0, written);
            }
        }
    }

    [Theory]
    [InlineData("ff")] // Eight bits of padding alone.
    [InlineData("07ff")] // '0', three bits of padding, and eight more.
    [InlineData("1fff")] // 'a' with as many.
    [InlineData("00")] // '0', and padding of zeros.
    [InlineData("06")] // '0', and padding that ends with a zero.
    [InlineData("f8ff")] // '&', and a byte of padding.
    [InlineData("fffffffc")] // The end of a string.
    [InlineData("ffffffff")] // The same with padding.
    [InlineData("07fffffff8")] // The same behind a '0'.
    [InlineData("1c6490b2cd39ba75a29a8f5f6b109b7bf8f3ebdfffffffffffff")] // The same behind many characters.
    [InlineData("fffffe")] // Half of a long code.
    [InlineData("fe")] // Half of one of ten bits.
    public void What_is_no_code_of_a_text_is_refused(string hex)
    {
        foreach (int room in new[] { 64, 1, 0 })
        {
            Assert.False(HpackHuffman.TryDecode(HeaderBlocks.Hex(hex), new byte[room], out int written));
            Assert.Equal(0, written);
        }
    }

    [Fact]
    public void Padding_of_up_to_seven_ones_is_taken()
    {
        // Five bits each: eight of them fill five bytes.
        for (int count = 0; count <= 16; count++)
        {
            CheckRoundTrip(Encoding.ASCII.GetBytes(new string('a', count)));
        }

        Assert.True(HpackHuffman.TryDecode([0b00011_111], new byte[1], out int written));
        Assert.Equal(1, written);
    }

    [Fact]
    public void A_text_without_room_is_told_apart_from_an_error_and_nothing_outside_is_written()
    {
        byte[] text = [.. "text of letters, "u8, 1, 2, 3, .. "and more of them: 0123456789 aeiost"u8];
        byte[] coded = Encode(text);
        for (int room = 0; room <= text.Length + 2; room++)
        {
            var target = new byte[room + 16];
            Array.Fill(target, (byte)0xa5);
            bool isGood = HpackHuffman.TryDecode(coded, target.AsSpan(8, room), out int written);
            Assert.Equal((room >= text.Length, room >= text.Length ? text.Length : -1), (isGood, written));
            Assert.All(target[..8].Concat(target[^8..]), b => Assert.Equal(0xa5, b));
            Assert.Equal(text[..Math.Min(room, text.Length)], target[8..(8 + Math.Min(room, text.Length))]);
        }
    }

    [Fact]
    public void Random_bytes_are_the_code_of_one_text_or_refused()
    {
        var random = new Random(Seed());
        int good = 0;
        for (int i = 0; i < 20_000; i++)
        {
            var coded = new byte[random.Next(1, 12)];
            random.NextBytes(coded);
            var target = new byte[32];
            if (HpackHuffman.TryDecode(coded, target, out int written))
            {
                good++;
                Assert.Equal(coded, Encode(target.AsSpan(0, written)));
            }
        }

        Assert.NotEqual(0, good);
    }

    private static void CheckRoundTrip(byte[] text)
    {
        byte[] coded = Encode(text);
        var target = new byte[text.Length];
        Assert.True(HpackHuffman.TryDecode(coded, target, out int written));
        Assert.Equal(text.Length, written);
        Assert.Equal(text, target);
    }

    private static byte[] Encode(ReadOnlySpan<byte> text)
    {
        var coded = new byte[HpackHuffman.EncodedLength(text)];
        Assert.Equal(coded.Length, HpackHuffman.Encode(text, coded));
        return coded;
    }

    private int Seed()
    {
        int seed = Environment.TickCount;
        output.WriteLine($"seed {seed}");
        return seed;
    }
}

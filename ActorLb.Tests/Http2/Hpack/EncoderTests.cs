using System.Text;
using ActorLb.Engine.Http2.Hpack;
using Xunit;

namespace ActorLb.Tests.Http2.Hpack;

public sealed class EncoderTests
{
    [Theory]
    [InlineData(":method", "GET", "82")]
    [InlineData(":method", "POST", "83")]
    [InlineData(":path", "/", "84")]
    [InlineData(":path", "/index.html", "85")]
    [InlineData(":scheme", "https", "87")]
    [InlineData(":status", "200", "88")]
    [InlineData(":status", "500", "8e")]
    [InlineData("accept-encoding", "gzip, deflate", "90")]
    [InlineData("accept-language", "", "91")]
    [InlineData("www-authenticate", "", "bd")]
    public void What_the_static_table_has_is_one_byte(string name, string value, string hex) => Assert.Equal(HeaderBlocks.Hex(hex), Encode(name, value));

    [Theory]
    [InlineData(":method", "PUT", "02 03505554")] // In code as long as without.
    [InlineData(":status", "302", "08 826402")]
    [InlineData(":authority", "www.example.com", "01 8cf1e3c2e5f23a6ba0ab90f4ff")]
    [InlineData("content-type", "\u00ff\u00fe", "0f10 02fffe")]
    [InlineData("cache-control", "no-cache", "0f09 86a8eb10649cbf")]
    [InlineData("custom-key", "custom-value", "00 8825a849e95ba97d7f 8925a849e95bb8e8b4bf")]
    [InlineData("cookies", "", "00 8521cfd4c547 00")]
    [InlineData("", "", "00 00 00")]
    public void What_it_has_not_is_a_literal_that_is_not_added(string name, string value, string hex) =>
        Assert.Equal(HeaderBlocks.Hex(hex), Encode(name, value));

    [Theory]
    [InlineData("authorization", "1f08")]
    [InlineData("cookie", "1f11")]
    [InlineData("proxy-authorization", "1f22")]
    [InlineData("set-cookie", "1f28")]
    public void Secrets_are_never_indexed(string name, string hex)
    {
        Assert.Equal(HeaderBlocks.Hex(hex + "027b7d"), Encode(name, "{}"));
        Assert.Equal(HeaderBlocks.Hex(hex + "00"), Encode(name, ""));
    }

    [Fact]
    public void Every_name_of_the_static_table_is_found_and_every_other_one_is_not()
    {
        for (int i = 1; i <= HpackStaticTable.Count; i++)
        {
            byte[] name = HpackStaticTable.NameOf(i).ToArray();
            byte[] value = HpackStaticTable.ValueOf(i).ToArray();
            Assert.Equal(i, HpackStaticTable.Find(name, value, out int first));
            Assert.True(first <= i && HpackStaticTable.NameOf(first).SequenceEqual(name));
            Assert.True(first == 1 || !HpackStaticTable.NameOf(first - 1).SequenceEqual(name));
            Assert.Equal(0, HpackStaticTable.Find(name, [.. value, 0], out int again));
            Assert.Equal(first, again);
            for (int at = 0; at < name.Length; at++)
            {
                byte[] other = [.. name];
                other[at] ^= 0x15;
                Assert.Equal((0, 0), (HpackStaticTable.Find(other, value, out int none), none));
            }

            Assert.Equal((0, 0), (HpackStaticTable.Find([(byte)'x', .. name], value, out int longer), longer));
        }
    }

    [Theory]
    [InlineData(0, "20")]
    [InlineData(30, "3e")]
    [InlineData(31, "3f00")]
    [InlineData(4096, "3fe11f")]
    [InlineData(int.MaxValue, "3fe0ffffff07")]
    public void The_size_of_the_table_can_be_written_first(int size, string hex)
    {
        var target = new byte[6];
        Assert.Equal(HeaderBlocks.Hex(hex), target[..HpackEncoder.WriteTableSize(size, target)]);
    }

    [Theory]
    [InlineData(":method", "GET")]
    [InlineData(":path", "/some/path")]
    [InlineData("x-name", "{{}}")]
    [InlineData("authorization", "Bearer abcdef")]
    public void Without_room_nothing_counts_as_written_and_nothing_outside_is(string name, string value)
    {
        byte[] whole = Encode(name, value);
        for (int room = 0; room <= whole.Length + 1; room++)
        {
            var target = new byte[room + 8];
            bool isWritten = HpackEncoder.TryWrite(Encoding.ASCII.GetBytes(name), Encoding.ASCII.GetBytes(value), target.AsSpan(0, room), out int written);
            Assert.Equal((room >= whole.Length, room >= whole.Length ? whole.Length : 0), (isWritten, written));
            Assert.All(target[room..], b => Assert.Equal(0, b));
        }
    }

    private static byte[] Encode(string name, string value)
    {
        var target = new byte[256];
        Assert.True(HpackEncoder.TryWrite(Encoding.Latin1.GetBytes(name), Encoding.Latin1.GetBytes(value), target, out int written));
        return target[..written];
    }
}

using System.Runtime.Serialization;
using ActorLb.Node.Wire;
using CsCheck;
using Xunit;

namespace ActorLb.Tests.Wire;

public sealed class WireFieldTests
{
    private delegate object Reading(ref WireReader reader);

    public static TheoryData<string, string> Golden => new()
    {
        { "byte 0", "00" },
        { "byte 255", "FF" },
        { "true", "01" },
        { "false", "00" },
        { "varint 0", "00" },
        { "varint 127", "7F" },
        { "varint 128", "8001" },
        { "varint 300", "AC02" },
        { "varint max", "FFFFFFFFFFFFFFFFFF01" },
        { "uint32", "01020304" },
        { "uint64", "0102030405060708" },
        { "int64 -1", "FFFFFFFFFFFFFFFF" },
        { "bytes", "03AABBCC" },
        { "no bytes", "00" },
        { "text", "0568C3A9C3A9" },
        { "no text", "00" },
        { "time", "0000018BCFE56800" },
    };

    [Theory]
    [MemberData(nameof(Golden))]
    public void Every_kind_of_field_has_the_bytes_that_it_always_had(string field, string hex)
    {
        var writer = new WireWriter();
        Write(writer, field);

        Assert.Equal(hex, Convert.ToHexString(writer.ToArray()));
    }

    [Fact]
    public void Fields_come_back_as_they_were_written() =>
        Gen.Select(Gen.Byte, Gen.Bool, Gen.ULong, Gen.UInt, Gen.Long, Gen.Byte.Array[0, 300], Gen.String, Gen.DateTimeOffset)
            .Sample((b, flag, number, small, signed, bytes, text, time) =>
            {
                // A lone surrogate is no text; UTF-8 replaces it.
                text = System.Text.Encoding.UTF8.GetString(System.Text.Encoding.UTF8.GetBytes(text));
                var writer = new WireWriter();
                WriteAll(writer, b, flag, number, small, signed, bytes, text, time);
                var reader = new WireReader(writer.ToArray());

                Assert.Equal(b, reader.Byte());
                Assert.Equal(flag, reader.Bool());
                Assert.Equal(number, reader.Varint());
                Assert.Equal(small, reader.UInt32());
                Assert.Equal(number, reader.UInt64());
                Assert.Equal(signed, reader.Int64());
                Assert.Equal(bytes, reader.Bytes().ToArray());
                Assert.Equal(text, reader.Text());
                Assert.Equal(time.ToUnixTimeMilliseconds(), reader.Time().ToUnixTimeMilliseconds());
                Assert.Equal(0, reader.Left);
            });

    [Fact]
    public void Any_prefix_of_a_message_is_a_serialization_error() =>
        Gen.Select(Gen.ULong, Gen.Byte.Array[0, 40], Gen.String[0, 20]).Sample((number, bytes, text) =>
        {
            var writer = new WireWriter();
            WriteAll(writer, 1, true, number, 2, 3, bytes, text, DateTimeOffset.UnixEpoch);
            byte[] whole = writer.ToArray();
            for (int length = 0; length < whole.Length; length++)
            {
                byte[] prefix = whole[..length];
                Assert.Throws<SerializationException>(() => ReadAll(prefix));
            }
        });

    [Fact]
    public void Random_bytes_are_read_or_refused_and_nothing_else() =>
        Gen.Byte.Array[0, 200].Sample(bytes =>
        {
            try
            {
                ReadAll(bytes);
            }
            catch (SerializationException)
            {
                // Refused, as it may be.
            }
        });

    [Theory]
    [InlineData("FFFFFFFFFFFFFFFFFF02", "a 65th bit")]
    [InlineData("80808080808080808080", "no end")]
    [InlineData("FFFFFFFFFFFFFFFFFFFF01", "an eleventh byte")]
    public void A_varint_that_does_not_fit_is_refused(string hex, string why) =>
        Assert.Throws<SerializationException>(() => Read(hex, (ref r) => r.Varint(), why));

    [Theory]
    [InlineData("01", 1, 0)]
    [InlineData("03010203", 1, 3)]
    [InlineData("0401020304", 2, -1)]
    [InlineData("FFFFFFFFFFFFFFFFFF01", 1, -1)]
    [InlineData("FFFFFFFF0F", 1, -1)]
    public void A_count_is_believed_only_as_far_as_there_are_bytes_for_it(string hex, int elementBytesMin, int expected)
    {
        bool fits = expected > 0;
        if (fits)
        {
            Assert.Equal(expected, Read(hex, (ref r) => r.Count(elementBytesMin), ""));
        }
        else
        {
            Assert.Throws<SerializationException>(() => Read(hex, (ref r) => r.Count(elementBytesMin), ""));
        }
    }

    [Theory]
    [InlineData(-62135596800001, false)]
    [InlineData(-62135596800000, true)]
    [InlineData(253402300799999, true)]
    [InlineData(253402300800000, false)]
    [InlineData(long.MaxValue, false)]
    [InlineData(long.MinValue, false)]
    public void A_time_outside_of_the_calendar_is_refused(long milliseconds, bool isTime)
    {
        var writer = new WireWriter();
        writer.Int64(milliseconds);
        string hex = Convert.ToHexString(writer.ToArray());
        if (isTime)
        {
            Assert.Equal(milliseconds, ((DateTimeOffset)Read(hex, (ref r) => r.Time(), "")).ToUnixTimeMilliseconds());
        }
        else
        {
            Assert.Throws<SerializationException>(() => Read(hex, (ref r) => r.Time(), ""));
        }
    }

    private static object Read(string hex, Reading read, string why)
    {
        _ = why;
        var reader = new WireReader(Convert.FromHexString(hex));
        return read(ref reader);
    }

    private static void WriteAll(
        WireWriter writer, byte b, bool flag, ulong number, uint small, long signed, byte[] bytes, string text, DateTimeOffset time)
    {
        writer.Byte(b);
        writer.Bool(flag);
        writer.Varint(number);
        writer.UInt32(small);
        writer.UInt64(number);
        writer.Int64(signed);
        writer.Bytes(bytes);
        writer.Text(text);
        writer.Time(time);
    }

    private static void ReadAll(byte[] bytes)
    {
        var reader = new WireReader(bytes);
        reader.Byte();
        reader.Bool();
        reader.Varint();
        reader.UInt32();
        reader.UInt64();
        reader.Int64();
        reader.Bytes();
        reader.Text();
        reader.Time();
    }

    private static void Write(WireWriter writer, string field)
    {
        switch (field)
        {
            case "byte 0": writer.Byte(0); break;
            case "byte 255": writer.Byte(255); break;
            case "true": writer.Bool(true); break;
            case "false": writer.Bool(false); break;
            case "varint 0": writer.Varint(0); break;
            case "varint 127": writer.Varint(127); break;
            case "varint 128": writer.Varint(128); break;
            case "varint 300": writer.Varint(300); break;
            case "varint max": writer.Varint(ulong.MaxValue); break;
            case "uint32": writer.UInt32(0x01020304); break;
            case "uint64": writer.UInt64(0x0102030405060708); break;
            case "int64 -1": writer.Int64(-1); break;
            case "bytes": writer.Bytes([0xAA, 0xBB, 0xCC]); break;
            case "no bytes": writer.Bytes([]); break;
            case "text": writer.Text("héé"); break;
            case "no text": writer.Text(""); break;
            case "time": writer.Time(DateTimeOffset.FromUnixTimeSeconds(1_700_000_000)); break;
            default: throw new ArgumentOutOfRangeException(nameof(field), field, "no such field");
        }
    }
}

using ActorLb.Engine.Http2;
using Xunit;

namespace ActorLb.Tests.Http2;

public sealed class FrameHeaderTests
{
    [Theory]
    [InlineData(0, 0, 0, 0, "000000 00 00 00000000")]
    [InlineData(16_384, 1, 0x25, 5, "004000 01 25 00000005")]
    [InlineData(0xffffff, 9, 4, int.MaxValue, "ffffff 09 04 7fffffff")]
    [InlineData(8, 200, 0xff, 1, "000008 c8 ff 00000001")]
    public void A_header_is_nine_bytes(int length, byte type, byte flags, int streamId, string hex)
    {
        byte[] bytes = Convert.FromHexString(hex.Replace(" ", ""));
        var header = new FrameHeader(length, (FrameType)type, flags, streamId);
        var written = new byte[FrameHeader.Bytes];
        header.Write(written);
        Assert.Equal(bytes, written);
        Assert.True(FrameHeader.TryRead(bytes, out FrameHeader read));
        Assert.Equal(header, read);
        Assert.False(FrameHeader.TryRead(bytes.AsSpan(0, 8), out _));
    }

    [Fact]
    public void The_reserved_bit_is_ignored()
    {
        Assert.True(FrameHeader.TryRead([0, 0, 4, 8, 0, 0x80, 0, 0, 3], out FrameHeader read));
        Assert.Equal(3, read.StreamId);
    }

    [Fact]
    public void Flags_are_told_apart()
    {
        Assert.Equal((true, false, false, false), Of(FrameFlags.EndStream));
        Assert.Equal((false, true, false, false), Of(FrameFlags.EndHeaders));
        Assert.Equal((false, false, true, false), Of(FrameFlags.Padded));
        Assert.Equal((false, false, false, true), Of(FrameFlags.Priority));
        Assert.True(new FrameHeader(0, FrameType.Settings, FrameFlags.Ack, 0).IsAck);

        static (bool, bool, bool, bool) Of(byte flags)
        {
            var header = new FrameHeader(0, FrameType.Headers, flags, 1);
            return (header.EndsStream, header.EndsHeaders, header.IsPadded, header.HasPriority);
        }
    }
}

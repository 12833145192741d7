using ActorLb.Engine.Http2;
using Xunit;

namespace ActorLb.Tests.Http2;

public sealed class FramePayloadTests
{
    [Theory]
    [InlineData(FrameType.Data, 0, 10, 0, 0, 10)]
    [InlineData(FrameType.Data, 0, 0, 0, 0, 0)]
    [InlineData(FrameType.Data, FrameFlags.Padded, 10, 0, 1, 9)]
    [InlineData(FrameType.Data, FrameFlags.Padded, 10, 8, 1, 1)]
    [InlineData(FrameType.Data, FrameFlags.Padded, 10, 9, 1, 0)]
    [InlineData(FrameType.Data, FrameFlags.Padded, 1, 0, 1, 0)]
    [InlineData(FrameType.Data, FrameFlags.Padded, 300, 255, 1, 44)]
    [InlineData(FrameType.Data, FrameFlags.Priority, 10, 0, 0, 10)] // No flag of DATA.
    [InlineData(FrameType.Headers, FrameFlags.Priority, 10, 0, 5, 5)]
    [InlineData(FrameType.Headers, FrameFlags.Priority, 5, 0, 5, 0)]
    [InlineData(FrameType.Headers, FrameFlags.Padded, 10, 4, 1, 5)]
    [InlineData(FrameType.Headers, FrameFlags.Padded | FrameFlags.Priority, 10, 3, 6, 1)]
    [InlineData(FrameType.Headers, FrameFlags.Padded | FrameFlags.Priority, 10, 4, 6, 0)]
    internal void What_is_between_padding_and_priority_is_found(FrameType type, byte flags, int length, byte padding, int start, int left)
    {
        var payload = new byte[length];
        if (length > 0)
        {
            payload[0] = padding;
        }

        Assert.True(FramePayload.TryStripPadding(new FrameHeader(length, type, flags, 1), payload, out int foundStart, out int foundLength));
        Assert.Equal((start, left), (foundStart, foundLength));
    }

    [Theory]
    [InlineData(FrameType.Data, FrameFlags.Padded, 10, 10)]
    [InlineData(FrameType.Data, FrameFlags.Padded, 10, 255)]
    [InlineData(FrameType.Data, FrameFlags.Padded, 1, 1)]
    [InlineData(FrameType.Data, FrameFlags.Padded, 0, 0)]
    [InlineData(FrameType.Headers, FrameFlags.Padded | FrameFlags.Priority, 10, 5)]
    [InlineData(FrameType.Headers, FrameFlags.Padded | FrameFlags.Priority, 5, 0)]
    [InlineData(FrameType.Headers, FrameFlags.Priority, 4, 0)]
    internal void Padding_as_long_as_its_frame_is_refused(FrameType type, byte flags, int length, byte padding)
    {
        var payload = new byte[length];
        if (length > 0)
        {
            payload[0] = padding;
        }

        Assert.False(FramePayload.TryStripPadding(new FrameHeader(length, type, flags, 1), payload, out int start, out int left));
        Assert.Equal((0, 0), (start, left));
    }

    [Fact]
    public void Numbers_are_read_without_reserved_bits()
    {
        Assert.Equal(Http2Error.RefusedStream, FramePayload.ErrorOf([0, 0, 0, 7]));
        Assert.Equal((Http2Error)0xfffffffe, FramePayload.ErrorOf([0xff, 0xff, 0xff, 0xfe]));
        Assert.Equal(5u, FramePayload.IncrementOf([0x80, 0, 0, 5]));
        Assert.Equal(0u, FramePayload.IncrementOf([0x80, 0, 0, 0]));
        Assert.Equal(Http2Error.Http11Required, FramePayload.ReadGoAway([0x80, 0, 0, 9, 0, 0, 0, 13, 1, 2], out int last));
        Assert.Equal(9, last);
    }
}

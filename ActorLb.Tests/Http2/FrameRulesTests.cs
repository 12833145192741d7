using ActorLb.Engine.Http2;
using Xunit;

namespace ActorLb.Tests.Http2;

public sealed class FrameRulesTests
{
    private const int LengthMax = 16_384;

    [Theory]
    [InlineData(FrameType.Priority, 0, 5)]
    [InlineData(FrameType.ResetStream, 0, 4)]
    [InlineData(FrameType.Settings, FrameFlags.Ack, 0)]
    [InlineData(FrameType.Ping, 0, 8)]
    [InlineData(FrameType.Ping, FrameFlags.Ack, 8)]
    [InlineData(FrameType.WindowUpdate, 0, 4)]
    internal void Some_frames_have_one_length(FrameType type, byte flags, int length)
    {
        for (int other = 0; other < 20; other++)
        {
            Assert.Equal(other == length ? Http2Error.NoError : Http2Error.FrameSizeError, Check(type, flags, other));
        }
    }

    [Theory]
    [InlineData(FrameType.Data, 0, 0)]
    [InlineData(FrameType.Data, FrameFlags.Padded, 1)]
    [InlineData(FrameType.Headers, 0, 0)]
    [InlineData(FrameType.Headers, FrameFlags.Padded, 1)]
    [InlineData(FrameType.Headers, FrameFlags.Priority, 5)]
    [InlineData(FrameType.Headers, FrameFlags.Priority | FrameFlags.Padded, 6)]
    [InlineData(FrameType.PushPromise, 0, 4)]
    [InlineData(FrameType.PushPromise, FrameFlags.Padded, 5)]
    [InlineData(FrameType.GoAway, 0, 8)]
    [InlineData(FrameType.Continuation, 0, 0)]
    internal void Some_frames_have_a_shortest_length(FrameType type, byte flags, int shortest)
    {
        for (int length = 0; length < 20; length++)
        {
            Assert.Equal(length >= shortest ? Http2Error.NoError : Http2Error.FrameSizeError, Check(type, flags, length));
        }
    }

    [Fact]
    public void Settings_are_six_bytes_each()
    {
        for (int length = 0; length < 40; length++)
        {
            Assert.Equal(length % 6 == 0 ? Http2Error.NoError : Http2Error.FrameSizeError, Check(FrameType.Settings, 0, length));
        }
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(0)]
    [InlineData(1)]
    public void No_frame_is_longer_than_was_allowed(int more)
    {
        foreach (FrameType type in new[] { FrameType.Data, FrameType.Headers, FrameType.GoAway, FrameType.Continuation, (FrameType)99 })
        {
            Assert.Equal(more > 0 ? Http2Error.FrameSizeError : Http2Error.NoError, Check(type, 0, LengthMax + more));
        }
    }

    [Fact]
    public void A_frame_is_of_a_stream_or_of_the_connection()
    {
        (FrameType Type, int Length, bool OfStream, bool OfConnection)[] all =
        [
            (FrameType.Data, 0, true, false), (FrameType.Headers, 0, true, false), (FrameType.Priority, 5, true, false),
            (FrameType.ResetStream, 4, true, false), (FrameType.Settings, 0, false, true), (FrameType.PushPromise, 4, true, false),
            (FrameType.Ping, 8, false, true), (FrameType.GoAway, 8, false, true), (FrameType.WindowUpdate, 4, true, true),
            (FrameType.Continuation, 0, true, false), ((FrameType)99, 3, true, true),
        ];
        foreach ((FrameType type, int length, bool ofStream, bool ofConnection) in all)
        {
            Assert.Equal(ofStream ? Http2Error.NoError : Http2Error.ProtocolError, FrameRules.Check(new FrameHeader(length, type, 0, 1), LengthMax));
            Assert.Equal(ofConnection ? Http2Error.NoError : Http2Error.ProtocolError, FrameRules.Check(new FrameHeader(length, type, 0, 0), LengthMax));
        }
    }

    private static Http2Error Check(FrameType type, byte flags, int length) =>
        FrameRules.Check(new FrameHeader(length, type, flags, type is FrameType.Settings or FrameType.Ping or FrameType.GoAway ? 0 : 1), LengthMax);
}

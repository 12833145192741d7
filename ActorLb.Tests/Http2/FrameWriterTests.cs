using ActorLb.Engine.Http2;
using Xunit;

namespace ActorLb.Tests.Http2;

public sealed class FrameWriterTests
{
    private delegate int Writing(Span<byte> target);

    [Fact]
    public void Frames_are_those_of_the_standard()
    {
        Check("000000 04 00 00000000", t => FrameWriter.WriteSettings([], t));
        Check(
            "00000c 04 00 00000000 0002 00000000 0004 7fffffff",
            t => FrameWriter.WriteSettings([new(SettingId.EnablePush, 0), new(SettingId.InitialWindowSize, int.MaxValue)], t));
        Check("000000 04 01 00000000", FrameWriter.WriteSettingsAck);
        Check("000004 08 00 00000000 0000ffff", t => FrameWriter.WriteWindowUpdate(0, 65_535, t));
        Check("000004 08 00 7fffffff 7fffffff", t => FrameWriter.WriteWindowUpdate(int.MaxValue, int.MaxValue, t));
        Check("000008 06 00 00000000 0102030405060708", t => FrameWriter.WritePing([1, 2, 3, 4, 5, 6, 7, 8], isAck: false, t));
        Check("000008 06 01 00000000 0102030405060708", t => FrameWriter.WritePing([1, 2, 3, 4, 5, 6, 7, 8], isAck: true, t));
        Check("000008 07 00 00000000 00000005 00000000", t => FrameWriter.WriteGoAway(5, Http2Error.NoError, [], t));
        Check("00000a 07 00 00000000 7fffffff 0000000b 6869", t => FrameWriter.WriteGoAway(int.MaxValue, Http2Error.EnhanceYourCalm, "hi"u8, t));
        Check("000004 03 00 00000003 00000008", t => FrameWriter.WriteResetStream(3, Http2Error.Cancel, t));
    }

    [Fact]
    public void What_is_written_keeps_the_rules()
    {
        var bytes = new byte[64];
        Writing[] all =
        [
            t => FrameWriter.WriteSettings([new(SettingId.EnablePush, 0)], t), FrameWriter.WriteSettingsAck, t => FrameWriter.WriteWindowUpdate(1, 1, t),
            t => FrameWriter.WritePing(new byte[8], isAck: true, t), t => FrameWriter.WriteGoAway(1, Http2Error.NoError, "x"u8, t),
            t => FrameWriter.WriteResetStream(1, Http2Error.Cancel, t),
        ];
        foreach (Writing write in all)
        {
            int length = write(bytes);
            Assert.True(FrameHeader.TryRead(bytes, out FrameHeader header));
            Assert.Equal(FrameHeader.Bytes + header.Length, length);
            Assert.Equal(Http2Error.NoError, FrameRules.Check(header, PeerParameters.FrameBytesMin));
        }
    }

    [Fact]
    public void Frames_have_the_lengths_that_are_said()
    {
        var bytes = new byte[64];
        Assert.Equal(FrameWriter.SettingsBytes(2), FrameWriter.WriteSettings(new Setting[2], bytes));
        Assert.Equal(FrameWriter.SettingsAckBytes, FrameWriter.WriteSettingsAck(bytes));
        Assert.Equal(FrameWriter.WindowUpdateBytes, FrameWriter.WriteWindowUpdate(1, 1, bytes));
        Assert.Equal(FrameWriter.PingBytes, FrameWriter.WritePing(new byte[8], isAck: false, bytes));
        Assert.Equal(FrameWriter.GoAwayBytes + 1, FrameWriter.WriteGoAway(1, Http2Error.NoError, "x"u8, bytes));
        Assert.Equal(FrameWriter.ResetStreamBytes, FrameWriter.WriteResetStream(1, Http2Error.Cancel, bytes));
    }

    private static void Check(string hex, Writing write)
    {
        byte[] expected = Convert.FromHexString(hex.Replace(" ", ""));

        // Where it was used before: all of the frame is written, and nothing behind it.
        byte[] target = [.. Enumerable.Repeat((byte)0xa5, expected.Length + 4)];
        Assert.Equal(expected.Length, write(target));
        Assert.Equal(expected, target[..expected.Length]);
        Assert.All(target[expected.Length..], b => Assert.Equal(0xa5, b));
    }
}

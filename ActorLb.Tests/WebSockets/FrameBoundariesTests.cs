using ActorLb.Engine.WebSockets;
using Xunit;

namespace ActorLb.Tests.WebSockets;

public class FrameBoundariesTests
{
    private const int Seed = 20261128;

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(125)]
    [InlineData(126)]
    [InlineData(127)]
    [InlineData(65535)]
    [InlineData(65536)]
    public void A_frame_of_any_length_ends_with_its_last_byte(int length)
    {
        foreach (bool masked in (bool[])[false, true])
        {
            byte[] frame = Frame(2, length, masked);
            var boundaries = default(FrameBoundaries);

            Assert.True(boundaries.IsBetweenFrames);
            Assert.Equal(frame.Length - 1, boundaries.Read(frame.AsSpan(..^1)));
            Assert.False(boundaries.IsBetweenFrames);
            Assert.Equal(1, boundaries.Read(frame.AsSpan(^1..)));
            Assert.True(boundaries.IsBetweenFrames);
            Assert.False(boundaries.HasClosed);
        }
    }

    [Fact]
    public void However_the_bytes_come_the_boundaries_are_the_same()
    {
        var random = new Random(Seed);
        for (int round = 0; round < 300; round++)
        {
            byte[][] frames = [.. Enumerable.Range(0, 8).Select(_ =>
                Frame((byte)random.Next(0, 3), random.Next(4) == 0 ? random.Next(70_000) : random.Next(200), random.Next(2) == 0))];
            byte[] all = [.. frames.SelectMany(f => f)];
            int[] ends = [.. frames.Select((_, i) => frames.Take(i + 1).Sum(f => f.Length))];
            var boundaries = default(FrameBoundaries);
            for (int at = 0; at < all.Length;)
            {
                int taken = boundaries.Read(all.AsSpan(at, Math.Min(all.Length - at, random.Next(1, 5_000))));
                at += taken;
                Assert.Equal(ends.Contains(at), boundaries.IsBetweenFrames);
            }
        }
    }

    [Fact]
    public void It_stops_at_the_end_of_the_frame_under_way()
    {
        byte[] first = Frame(1, 300, masked: false);
        byte[] all = [.. first, .. Frame(1, 5, masked: false)];
        var boundaries = default(FrameBoundaries);
        boundaries.Read(all.AsSpan(..100));

        Assert.Equal(first.Length - 100, boundaries.Read(all.AsSpan(100..), stopsBetweenFrames: true));
        Assert.True(boundaries.IsBetweenFrames);
    }

    [Fact]
    public void A_control_frame_within_a_message_has_boundaries_as_well()
    {
        byte[] fragment = Frame(2, 10, masked: true, final: false);
        byte[] ping = Frame(9, 4, masked: true);
        var boundaries = default(FrameBoundaries);

        boundaries.Read(fragment);
        Assert.True(boundaries.IsBetweenFrames);
        boundaries.Read(ping.AsSpan(..3));
        Assert.False(boundaries.IsBetweenFrames);
        boundaries.Read(ping.AsSpan(3..));
        Assert.True(boundaries.IsBetweenFrames);
    }

    [Fact]
    public void A_close_frame_counts_once_it_is_whole()
    {
        byte[] close = new byte[CloseFrames.MaskedBytes];
        CloseFrames.WriteToBackend(close);
        var boundaries = default(FrameBoundaries);
        boundaries.Read(Frame(1, 8, masked: true));
        boundaries.Read(close.AsSpan(..^1));
        Assert.False(boundaries.HasClosed);
        boundaries.Read(close.AsSpan(^1..));
        Assert.True(boundaries.HasClosed);
        Assert.Equal(1001, ((close[6] ^ close[2]) << 8) | (close[7] ^ close[3]));

        boundaries = default;
        boundaries.Read(CloseFrames.ToClient);
        Assert.True(boundaries.HasClosed);
    }

    [Fact]
    public void Bytes_that_are_no_frames_do_no_harm()
    {
        var random = new Random(Seed);
        var bytes = new byte[4096];
        for (int round = 0; round < 200; round++)
        {
            random.NextBytes(bytes);
            var boundaries = default(FrameBoundaries);
            Assert.Equal(bytes.Length, boundaries.Read(bytes));
            Assert.InRange(boundaries.Read(bytes, stopsBetweenFrames: true), 1, bytes.Length);
        }
    }

    internal static byte[] Frame(byte opcode, int length, bool masked, bool final = true)
    {
        List<byte> frame = [(byte)((final ? 0x80 : 0) | opcode)];
        byte mask = (byte)(masked ? 0x80 : 0);
        switch (length)
        {
            case <= 125:
                frame.Add((byte)(mask | length));
                break;
            case <= ushort.MaxValue:
                frame.AddRange([(byte)(mask | 126), (byte)(length >> 8), (byte)length]);
                break;
            default:
                frame.AddRange([(byte)(mask | 127), 0, 0, 0, 0, (byte)(length >> 24), (byte)(length >> 16), (byte)(length >> 8), (byte)length]);
                break;
        }

        // Payloads that look like headers.
        frame.AddRange(Enumerable.Repeat((byte)0x88, length + (masked ? 4 : 0)));
        return [.. frame];
    }
}

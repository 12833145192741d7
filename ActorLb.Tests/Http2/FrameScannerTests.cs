using System.Buffers.Binary;
using ActorLb.Engine.Http2;
using Xunit;

namespace ActorLb.Tests.Http2;

public sealed class FrameScannerTests
{
    private static readonly byte[] Preface = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"u8.ToArray();

    [Fact]
    public void Frames_are_found_behind_the_preface_however_they_are_split()
    {
        byte[] sent =
        [
            .. Preface,
            .. Frame(4, 0, 0, []),
            .. Frame(0, 8, 1, [5, 0, 0, 0, 0, 0]),
            .. Frame(8, 0, 1, [0x80, 0, 0, 7]),
            .. Frame(3, 0, 1, [0, 0, 0, 8]),
            .. Frame(0, 1, 1, new byte[16384]),
            .. Frame(9, 4, 3, [1]),
        ];
        FrameFacts[] expected = Scan([sent]);
        Assert.Equal(
            [FrameType.Settings, FrameType.Data, FrameType.WindowUpdate, FrameType.ResetStream, FrameType.Data, FrameType.Continuation],
            expected.Select(f => f.Type));
        Assert.Equal([0, 6, 4, 4, 16384, 1], expected.Select(f => f.Length));
        Assert.Equal(0, expected[1].DataLength);
        Assert.Equal(7u, expected[2].Increment);
        Assert.True(expected[4].EndsStream);

        for (int size = 1; size < 40; size++)
        {
            Assert.Equal(expected, Scan(sent.Chunk(size)));
        }
    }

    [Fact]
    public void Half_a_frame_is_none()
    {
        byte[] sent = [.. Preface, .. Frame(6, 0, 0, new byte[8])];
        for (int length = 0; length < Preface.Length + FrameHeader.Bytes + FrameFacts.StartBytes; length++)
        {
            Assert.Empty(Scan([sent[..length]]));
        }

        Assert.Single(Scan([sent]));
    }

    private static FrameFacts[] Scan(IEnumerable<byte[]> pieces)
    {
        var scanner = new FrameScanner();
        List<FrameFacts> frames = [];
        foreach (byte[] bytes in pieces)
        {
            ReadOnlySpan<byte> piece = bytes;
            while (scanner.TryNext(ref piece, out FrameFacts frame))
            {
                frames.Add(frame);
            }
        }

        return [.. frames];
    }

    private static byte[] Frame(byte type, byte flags, int stream, byte[] payload)
    {
        var frame = new byte[9 + payload.Length];
        frame[0] = (byte)(payload.Length >> 16);
        frame[1] = (byte)(payload.Length >> 8);
        frame[2] = (byte)payload.Length;
        frame[3] = type;
        frame[4] = flags;
        BinaryPrimitives.WriteInt32BigEndian(frame.AsSpan(5), stream);
        payload.CopyTo(frame, 9);
        return frame;
    }
}

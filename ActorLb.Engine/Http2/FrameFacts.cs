using System.Buffers.Binary;

namespace ActorLb.Engine.Http2;

/// <summary>What is read of a frame: its head (RFC 9113, 4.1), and the first bytes of its payload.</summary>
/// <param name="Start">The first four bytes of the payload; 0 beyond its end.</param>
internal readonly record struct FrameFacts(FrameType Type, byte Flags, int Length, uint Start)
{
    /// <summary>So much of the payload is read.</summary>
    public const int StartBytes = 4;

    public bool IsAck => (Flags & FrameFlags.Ack) != 0;

    public bool EndsStream => (Flags & FrameFlags.EndStream) != 0;

    /// <summary>Of WINDOW_UPDATE.</summary>
    public uint Increment => Start & int.MaxValue;

    /// <summary>Of DATA: bytes without padding (6.1). Below 0 where the padding is longer than the frame.</summary>
    public int DataLength => (Flags & FrameFlags.Padded) == 0 ? Length : Length - 1 - (int)(Start >> 24);

    /// <param name="bytes">The head and up to <see cref="StartBytes"/> of the payload.</param>
    public static FrameFacts Of(ReadOnlySpan<byte> bytes)
    {
        Span<byte> start = stackalloc byte[StartBytes];
        start.Clear();
        bytes[FrameHeader.Bytes..].CopyTo(start);
        return new FrameFacts((FrameType)bytes[3], bytes[4], FrameHeader.LengthOf(bytes), BinaryPrimitives.ReadUInt32BigEndian(start));
    }
}

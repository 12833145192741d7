using System.Buffers.Binary;

namespace ActorLb.Engine.Http2;

/// <summary>What every frame begins with (RFC 9113, 4.1).</summary>
/// <param name="Length">Of the payload alone: below 2^24.</param>
/// <param name="StreamId">0 where the frame is about the connection.</param>
internal readonly record struct FrameHeader(int Length, FrameType Type, byte Flags, int StreamId)
{
    public const int Bytes = 9;

    public bool IsAck => (Flags & FrameFlags.Ack) != 0;

    public bool EndsStream => (Flags & FrameFlags.EndStream) != 0;

    public bool EndsHeaders => (Flags & FrameFlags.EndHeaders) != 0;

    public bool IsPadded => (Flags & FrameFlags.Padded) != 0;

    public bool HasPriority => (Flags & FrameFlags.Priority) != 0;

    /// <summary>False where there is not all of it yet.</summary>
    public static bool TryRead(ReadOnlySpan<byte> bytes, out FrameHeader header)
    {
        if (bytes.Length < Bytes)
        {
            header = default;
            return false;
        }

        // The highest bit is reserved, and ignored.
        int stream = BinaryPrimitives.ReadInt32BigEndian(bytes[5..]) & int.MaxValue;
        header = new FrameHeader(LengthOf(bytes), (FrameType)bytes[3], bytes[4], stream);
        return true;
    }

    public static int LengthOf(ReadOnlySpan<byte> head) => (head[0] << 16) | (head[1] << 8) | head[2];

    /// <param name="target">Of <see cref="Bytes"/> at least.</param>
    public void Write(Span<byte> target)
    {
        BinaryPrimitives.WriteUInt32BigEndian(target, ((uint)Length << 8) | (byte)Type);
        target[4] = Flags;
        BinaryPrimitives.WriteInt32BigEndian(target[5..], StreamId);
    }
}

using System.Buffers.Binary;

namespace ActorLb.Engine.Http2;

/// <summary>Writes the frames that steer a connection; each method returns how long its frame is.</summary>
internal static class FrameWriter
{
    public const int SettingsAckBytes = FrameHeader.Bytes;
    public const int WindowUpdateBytes = FrameHeader.Bytes + FrameRules.WindowUpdateBytes;
    public const int PingBytes = FrameHeader.Bytes + FrameRules.PingBytes;
    public const int ResetStreamBytes = FrameHeader.Bytes + FrameRules.ResetStreamBytes;

    /// <summary>Without words for people.</summary>
    public const int GoAwayBytes = FrameHeader.Bytes + FrameRules.GoAwayBytesMin;

    /// <summary>What a client begins with (RFC 9113, 3.4).</summary>
    public static ReadOnlySpan<byte> Preface => "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"u8;

    public static int SettingsBytes(int count) => FrameHeader.Bytes + (count * Setting.Bytes);

    public static int WriteSettings(ReadOnlySpan<Setting> settings, Span<byte> target)
    {
        Span<byte> payload = Begin(FrameType.Settings, 0, 0, settings.Length * Setting.Bytes, target);
        foreach (Setting setting in settings)
        {
            BinaryPrimitives.WriteUInt16BigEndian(payload, (ushort)setting.Id);
            BinaryPrimitives.WriteUInt32BigEndian(payload[2..], setting.Value);
            payload = payload[Setting.Bytes..];
        }

        return SettingsBytes(settings.Length);
    }

    public static int WriteSettingsAck(Span<byte> target)
    {
        Begin(FrameType.Settings, FrameFlags.Ack, 0, 0, target);
        return SettingsAckBytes;
    }

    /// <param name="streamId">0 for the connection.</param>
    /// <param name="increment">1 to 2^31-1.</param>
    public static int WriteWindowUpdate(int streamId, int increment, Span<byte> target)
    {
        BinaryPrimitives.WriteInt32BigEndian(Begin(FrameType.WindowUpdate, 0, streamId, FrameRules.WindowUpdateBytes, target), increment);
        return WindowUpdateBytes;
    }

    /// <param name="data">Eight bytes; those of the question where this is its answer.</param>
    public static int WritePing(ReadOnlySpan<byte> data, bool isAck, Span<byte> target)
    {
        data[..FrameRules.PingBytes].CopyTo(Begin(FrameType.Ping, isAck ? FrameFlags.Ack : (byte)0, 0, FrameRules.PingBytes, target));
        return PingBytes;
    }

    /// <param name="lastStreamId">Those above were not touched, and may be tried elsewhere.</param>
    /// <param name="words">For people; may be none.</param>
    public static int WriteGoAway(int lastStreamId, Http2Error error, ReadOnlySpan<byte> words, Span<byte> target)
    {
        Span<byte> payload = Begin(FrameType.GoAway, 0, 0, FrameRules.GoAwayBytesMin + words.Length, target);
        BinaryPrimitives.WriteInt32BigEndian(payload, lastStreamId);
        BinaryPrimitives.WriteUInt32BigEndian(payload[4..], (uint)error);
        words.CopyTo(payload[FrameRules.GoAwayBytesMin..]);
        return GoAwayBytes + words.Length;
    }

    public static int WriteResetStream(int streamId, Http2Error error, Span<byte> target)
    {
        BinaryPrimitives.WriteUInt32BigEndian(Begin(FrameType.ResetStream, 0, streamId, FrameRules.ResetStreamBytes, target), (uint)error);
        return ResetStreamBytes;
    }

    private static Span<byte> Begin(FrameType type, byte flags, int streamId, int length, Span<byte> target)
    {
        new FrameHeader(length, type, flags, streamId).Write(target);
        return target.Slice(FrameHeader.Bytes, length);
    }
}

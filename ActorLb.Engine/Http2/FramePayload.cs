using System.Buffers.Binary;

namespace ActorLb.Engine.Http2;

/// <summary>Reads payloads of frames whose headers have passed <see cref="FrameRules.Check"/>.</summary>
internal static class FramePayload
{
    private const int PadLengthBytes = 1;

    /// <summary>
    /// Finds the data of DATA, or the piece of a header block in HEADERS, within the payload. False where its padding is as long
    /// as what it stands in, or longer: a PROTOCOL_ERROR (RFC 9113, 6.1 and 6.2).
    /// </summary>
    /// <remarks>Padding counts in the windows: there the length is that of the whole payload.</remarks>
    public static bool TryStripPadding(in FrameHeader header, ReadOnlySpan<byte> payload, out int start, out int length)
    {
        int before = header is { Type: FrameType.Headers, HasPriority: true } ? FrameRules.PriorityBytes : 0;
        int padding = 0;
        if (header.IsPadded)
        {
            before += PadLengthBytes;
            padding = payload.IsEmpty ? 0 : payload[0];
        }

        bool hasRoom = before + padding <= payload.Length;
        start = hasRoom ? before : 0;
        length = hasRoom ? payload.Length - before - padding : 0;
        return hasRoom;
    }

    /// <summary>Of RST_STREAM.</summary>
    public static Http2Error ErrorOf(ReadOnlySpan<byte> payload) => (Http2Error)BinaryPrimitives.ReadUInt32BigEndian(payload);

    /// <summary>Of WINDOW_UPDATE; may be 0, which is an error.</summary>
    public static uint IncrementOf(ReadOnlySpan<byte> payload) => BinaryPrimitives.ReadUInt32BigEndian(payload) & int.MaxValue;

    /// <summary>Of GOAWAY.</summary>
    /// <param name="lastStreamId">Streams above were not touched, and may be tried elsewhere.</param>
    public static Http2Error ReadGoAway(ReadOnlySpan<byte> payload, out int lastStreamId)
    {
        lastStreamId = BinaryPrimitives.ReadInt32BigEndian(payload) & int.MaxValue;
        return ErrorOf(payload[4..]);
    }
}

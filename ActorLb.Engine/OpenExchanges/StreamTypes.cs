using System.Text;

namespace ActorLb.Engine.OpenExchanges;

/// <summary>The media types of answers that are open for as long as somebody listens.</summary>
internal static class StreamTypes
{
    public static bool Contains(ReadOnlySpan<byte> contentType)
    {
        int parameters = contentType.IndexOf((byte)';');
        ReadOnlySpan<byte> type = (parameters < 0 ? contentType : contentType[..parameters]).Trim((byte)' ');
        return Ascii.EqualsIgnoreCase(type, "text/event-stream"u8)
            || Ascii.EqualsIgnoreCase(type, "application/x-ndjson"u8)
            || Ascii.EqualsIgnoreCase(type, "multipart/x-mixed-replace"u8);
    }
}

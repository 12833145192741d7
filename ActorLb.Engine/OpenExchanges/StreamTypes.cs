using System.Text;
using ActorLb.Engine.Http1;

namespace ActorLb.Engine.OpenExchanges;

/// <summary>The media types of answers that are open for as long as somebody listens.</summary>
internal static class StreamTypes
{
    /// <summary>Whether an answer says so of itself.</summary>
    /// <param name="fields">Of the answer, by offsets into the source.</param>
    public static bool AreIn(ReadOnlySpan<byte> source, ReadOnlySpan<HeaderField> fields)
    {
        foreach (ref readonly HeaderField field in fields)
        {
            if (field.Known == KnownField.Other && Ascii.EqualsIgnoreCase(field.Name(source), "Content-Type"u8))
            {
                return Contains(field.Value(source));
            }
        }

        return false;
    }

    public static bool Contains(ReadOnlySpan<byte> contentType)
    {
        int parameters = contentType.IndexOf((byte)';');
        ReadOnlySpan<byte> type = (parameters < 0 ? contentType : contentType[..parameters]).Trim((byte)' ');
        return Ascii.EqualsIgnoreCase(type, "text/event-stream"u8)
            || Ascii.EqualsIgnoreCase(type, "application/x-ndjson"u8)
            || Ascii.EqualsIgnoreCase(type, "multipart/x-mixed-replace"u8);
    }
}

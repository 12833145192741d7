namespace ActorLb.Engine.Http1;

/// <summary>Frames a body anew in the chunked coding: a size line, the data, its end, and the last chunk with perhaps trailers.</summary>
internal static class ChunkWriter
{
    /// <summary>The longest size line: sixteen digits and CRLF.</summary>
    public const int SizeLineBytesMax = 18;

    /// <summary>What stands after a chunk's data.</summary>
    public static ReadOnlySpan<byte> DataEnd => "\r\n"u8;

    /// <summary>The end of a body without trailers.</summary>
    public static ReadOnlySpan<byte> End => "0\r\n\r\n"u8;

    /// <param name="size">Above 0.</param>
    public static void WriteSizeLine(ref HeadBuffer target, long size)
    {
        target.AppendHex(size);
        target.Append("\r\n"u8);
    }

    /// <summary>The end of a body with the trailers that may be forwarded, and were not taken.</summary>
    /// <param name="announced">The value of Trailer: fields that it does not name are left out.</param>
    public static void WriteEnd(
        ref HeadBuffer target, ReadOnlySpan<byte> source, ReadOnlySpan<HeaderField> trailers, ReadOnlySpan<byte> announced)
    {
        target.Append("0\r\n"u8);
        foreach (ref readonly HeaderField field in trailers)
        {
            if (!KnownFieldSet.NeverTrailers.Contains(field.Known) && (field.Traits & FieldTraits.Nominated) == 0 && ListMembers.Contains(announced, field.Name(source)))
            {
                target.AppendField(field.Name(source), field.Value(source));
            }
        }

        target.Append("\r\n"u8);
    }
}

using System.Text;

namespace ActorLb.Engine.Http1;

/// <summary>
/// What Content-Length and Transfer-Encoding say together. Two lengths that disagree are an attack, not a mistake
/// (RFC 9112, 6.3): whatever could be read in two ways is refused.
/// </summary>
internal static class MessageLength
{
    /// <summary>What a request states. Any second Content-Length is refused, as nginx and Kestrel do.</summary>
    public static MessageFault OfRequest(
        ReadOnlySpan<byte> bytes, ReadOnlySpan<HeaderField> fields, in FieldSummary summary, MessageVersion version, out BodyFraming framing, out long length)
    {
        framing = BodyFraming.None;
        if (summary.Repeated.Contains(KnownField.ContentLength))
        {
            length = 0;
            return MessageFault.ContentLengthRepeated;
        }

        return Stated(bytes, fields, summary, version, ref framing, out length);
    }

    /// <summary>
    /// What a response states; framing stays as it is where that is nothing. The same Content-Length twice is
    /// passed on once (RFC 9112, 6.3): backends do that, and nobody can read it in another way.
    /// </summary>
    public static MessageFault OfResponse(
        ReadOnlySpan<byte> bytes, ReadOnlySpan<HeaderField> fields, in FieldSummary summary, MessageVersion version, ref BodyFraming framing, out long length)
    {
        MessageFault fault = Stated(bytes, fields, summary, version, ref framing, out length);
        if (fault == MessageFault.None && summary.Repeated.Contains(KnownField.ContentLength))
        {
            foreach (ref readonly HeaderField field in fields)
            {
                if (field.Known == KnownField.ContentLength
                    && (ContentLength.Read(field.Value(bytes), out long other) != MessageFault.None || other != length))
                {
                    return MessageFault.ContentLengthRepeated;
                }
            }
        }

        return fault;
    }

    private static MessageFault Stated(
        ReadOnlySpan<byte> bytes, ReadOnlySpan<HeaderField> fields, in FieldSummary summary, MessageVersion version, ref BodyFraming framing, out long length)
    {
        length = 0;
        if (summary.Has(KnownField.TransferEncoding))
        {
            MessageFault fault = OfTransferEncoding(bytes, fields, summary, version);
            framing = BodyFraming.Chunked;
            return fault;
        }

        if (summary.Has(KnownField.ContentLength))
        {
            framing = BodyFraming.Length;
            return ContentLength.Read(fields[summary.LastOf(KnownField.ContentLength)].Value(bytes), out length);
        }

        return MessageFault.None;
    }

    private static MessageFault OfTransferEncoding(
        ReadOnlySpan<byte> bytes, ReadOnlySpan<HeaderField> fields, in FieldSummary summary, MessageVersion version)
    {
        ReadOnlySpan<byte> last = fields[summary.LastOf(KnownField.TransferEncoding)].Value(bytes);
        bool isChunkedAlone = Ascii.EqualsIgnoreCase(last, "chunked"u8) && !summary.Repeated.Contains(KnownField.TransferEncoding);
        if (version == MessageVersion.Http10)
        {
            return MessageFault.TransferEncodingInHttp10;
        }

        if (summary.Has(KnownField.ContentLength))
        {
            return MessageFault.LengthAndTransferEncoding;
        }

        return isChunkedAlone ? MessageFault.None
            : EndsWithChunked(last) ? MessageFault.TransferEncodingUnsupported : MessageFault.TransferEncodingNotChunked;
    }

    // Without chunked at the end nobody can tell where the body ends: 400; with other codings before it, 501 (RFC 9112, 6.1).
    private static bool EndsWithChunked(ReadOnlySpan<byte> value)
    {
        int comma = value.LastIndexOf((byte)',');
        return Ascii.EqualsIgnoreCase(value[(comma + 1)..].Trim(" \t"u8), "chunked"u8);
    }
}

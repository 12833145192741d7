using ActorLb.Engine.Http1;

namespace ActorLb.Engine.Forwarding;

/// <summary>
/// What a client of HTTP/1.1 or 1.0 gets of a backend's head, with our own framing and the request's id. Between the two
/// halves its lane writes the session's ticket.
/// </summary>
internal static class AnswerLines
{
    private static readonly KnownFieldSet Written = KnownFieldSet.Of(KnownField.XRequestId);

    /// <param name="source">The backend's head; the fields and the head are offsets into it.</param>
    public static void WriteFields(
        ref HeadBuffer target,
        ReadOnlySpan<byte> source,
        in ResponseHead head,
        ReadOnlySpan<HeaderField> fields,
        DateText date,
        ReadOnlySpan<byte> requestId)
    {
        ResponseWriter.WriteStart(ref target, source, head);
        ResponseWriter.WriteFields(ref target, source, fields, Written);
        if (!head.Fields.Has(KnownField.Date))
        {
            target.AppendField("Date"u8, date.Now);
        }

        target.AppendLine("X-Request-Id: "u8, requestId);
    }

    /// <param name="framing">As the client gets it.</param>
    /// <param name="closes">The connection ends with this answer.</param>
    /// <param name="version">The client's.</param>
    public static void WriteFraming(
        ref HeadBuffer target,
        ReadOnlySpan<byte> source,
        in ResponseHead head,
        ReadOnlySpan<HeaderField> fields,
        BodyFraming framing,
        bool closes,
        MessageVersion version)
    {
        if (framing == BodyFraming.Tunnel)
        {
            BackendHead.WriteUpgrade(ref target, source, fields);
        }
        else if (closes)
        {
            target.Append("Connection: close\r\n"u8);
        }
        else if (version == MessageVersion.Http10)
        {
            target.Append("Connection: keep-alive\r\n"u8);
        }

        ResponseWriter.WriteFraming(ref target, head, framing);
        ResponseWriter.WriteEnd(ref target);
    }

    /// <summary>How the body of an answer is framed anew: HTTP/1.0 knows no chunks.</summary>
    public static BodyFraming FramingOf(in ResponseHead head, MessageVersion version) =>
        head.Framing is BodyFraming.Chunked or BodyFraming.UntilClose
            ? version == MessageVersion.Http11 ? BodyFraming.Chunked : BodyFraming.UntilClose
            : head.Framing;

    // Hints that the final head may take back (RFC 8297, 2): a cookie of theirs would be learned from nobody's answer, and stay out of the pool's sight.
    private static readonly KnownFieldSet OfFinalHeads = KnownFieldSet.Of(KnownField.SetCookie);

    /// <summary>A head before the final one (1xx), as the backend said it but for cookies: those come with the final one.</summary>
    public static void WriteInterim(ref HeadBuffer target, ReadOnlySpan<byte> source, in ResponseHead head, ReadOnlySpan<HeaderField> fields)
    {
        ResponseWriter.WriteStart(ref target, source, head);
        ResponseWriter.WriteFields(ref target, source, fields, OfFinalHeads);
        ResponseWriter.WriteEnd(ref target);
    }
}

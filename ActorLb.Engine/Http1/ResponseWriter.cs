namespace ActorLb.Engine.Http1;

/// <summary>
/// Writes the head of what a client gets, with our own framing. The order is start, fields, framing, whatever the
/// balancer adds, end.
/// </summary>
internal static class ResponseWriter
{
    /// <summary>What <see cref="WriteFields"/> leaves out in any case.</summary>
    public static readonly KnownFieldSet Dropped =
        KnownFieldSet.HopByHop | KnownFieldSet.Of(KnownField.ContentLength, KnownField.TransferEncoding);

    // "HTTP/1.1 200 ".
    private const int UsualReasonStart = 13;

    /// <summary>The status line; of HTTP/1.1 whatever the backend speaks (RFC 9110, 2.5).</summary>
    public static void WriteStart(ref HeadBuffer target, ReadOnlySpan<byte> source, in ResponseHead head)
    {
        if (head.Version == MessageVersion.Http11 && head.Reason.Start == UsualReasonStart)
        {
            // The line is as we would write it.
            target.Append(source[..(head.Reason.Start + head.Reason.Length + 2)]);
            return;
        }

        target.Append("HTTP/1.1 "u8);
        target.AppendDecimal(head.Status);
        target.Append(" "u8);
        target.Append(head.Reason.Of(source));
        target.Append("\r\n"u8);
    }

    /// <param name="written">Known fields that the balancer writes itself.</param>
    public static void WriteFields(
        ref HeadBuffer target, ReadOnlySpan<byte> source, ReadOnlySpan<HeaderField> fields, KnownFieldSet written) =>
        FieldWriter.Copy(ref target, source, fields, Dropped | written);

    /// <summary>
    /// What tells the client where the body ends. An answer to HEAD and a 304 may say how long the body would be;
    /// one until close says nothing, unless the caller frames it anew and says Chunked.
    /// </summary>
    /// <param name="framing">As the client gets it.</param>
    public static void WriteFraming(ref HeadBuffer target, in ResponseHead head, BodyFraming framing)
    {
        if (head.Status == 205)
        {
            // It has no body, and a client would look for one (RFC 9110, 15.3.6).
            RequestWriter.WriteFraming(ref target, BodyFraming.Length, 0);
            return;
        }

        bool isLengthWithoutBody = framing == BodyFraming.None && head.Status is >= 200 and not 204 && head.Fields.Has(KnownField.ContentLength);
        RequestWriter.WriteFraming(ref target, isLengthWithoutBody ? BodyFraming.Length : framing, head.ContentLength);
    }

    public static void WriteEnd(ref HeadBuffer target) => target.Append("\r\n"u8);
}

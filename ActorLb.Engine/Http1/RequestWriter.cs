namespace ActorLb.Engine.Http1;

/// <summary>
/// Writes the head of what a backend gets: one well-formed request of HTTP/1.1, with our own framing. The order is
/// start, fields, framing, whatever the balancer adds, end.
/// </summary>
internal static class RequestWriter
{
    /// <summary>What <see cref="WriteFields"/> leaves out in any case.</summary>
    public static readonly KnownFieldSet Dropped = KnownFieldSet.HopByHop | KnownFieldSet.Framing | KnownFieldSet.Of(KnownField.Disguised);

    /// <summary>The request line in origin or asterisk form (RFC 9112, 3.2), and Host.</summary>
    /// <param name="hostIfNone">Stands in where an HTTP/1.0 client named none.</param>
    public static void WriteStart(ref HeadBuffer target, ReadOnlySpan<byte> source, in RequestHead head, ReadOnlySpan<byte> hostIfNone)
    {
        target.Append(head.MethodName.Of(source));
        target.Append(" "u8);
        ReadOnlySpan<byte> path = head.Target.PathAndQuery.Of(source);
        if (path.IsEmpty)
        {
            // RFC 9112, 3.2.4: "OPTIONS http://host" means the server itself.
            target.Append(head.Method == RequestMethod.Options ? "*"u8 : "/"u8);
        }
        else if (path[0] == '?')
        {
            target.Append("/"u8);
        }

        target.Append(path);
        target.Append(" HTTP/1.1\r\n"u8);
        bool isNamed = head.Fields.Has(KnownField.Host) || head.Target.Form == TargetForm.Absolute;
        target.AppendField("Host"u8, isNamed ? head.Authority.Of(source) : hostIfNone);
    }

    /// <param name="written">Known fields that the balancer writes itself.</param>
    public static void WriteFields(
        ref HeadBuffer target, ReadOnlySpan<byte> source, ReadOnlySpan<HeaderField> fields, KnownFieldSet written) =>
        FieldWriter.Copy(ref target, source, fields, Dropped | written);

    /// <summary>Content-Length or Transfer-Encoding; nothing for a request without a body.</summary>
    public static void WriteFraming(ref HeadBuffer target, BodyFraming framing, long length)
    {
        if (framing == BodyFraming.Length)
        {
            target.Append("Content-Length: "u8);
            target.AppendDecimal(length);
            target.Append("\r\n"u8);
        }
        else if (framing == BodyFraming.Chunked)
        {
            target.Append("Transfer-Encoding: chunked\r\n"u8);
        }
    }

    public static void WriteEnd(ref HeadBuffer target) => target.Append("\r\n"u8);
}

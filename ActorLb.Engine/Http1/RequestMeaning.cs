namespace ActorLb.Engine.Http1;

/// <summary>What a request's fields mean together: for whom it is, how long its body is, what becomes of the connection.</summary>
internal static class RequestMeaning
{
    private static readonly KnownFieldSet Lengths = KnownFieldSet.Of(KnownField.ContentLength, KnownField.TransferEncoding);

    private static readonly KnownFieldSet Controls = KnownFieldSet.Of(KnownField.Expect, KnownField.Upgrade, KnownField.Te);

    public static MessageFault Read(ReadOnlySpan<byte> bytes, Span<HeaderField> fields, ref RequestHead head)
    {
        MessageFault fault = ReadHost(bytes, fields, ref head);
        if (fault == MessageFault.None && head.Fields.Seen.Overlaps(Lengths))
        {
            fault = MessageLength.OfRequest(bytes, fields, head.Fields, head.Version, out head.Framing, out head.ContentLength);
        }

        if (fault != MessageFault.None)
        {
            return fault;
        }

        fault = ConnectionOptions.Read(bytes, fields, head.Fields, out ConnectionTraits connection);
        bool isHttp11 = head.Version == MessageVersion.Http11;
        bool keepAlive = (connection & ConnectionTraits.Close) == 0 && (isHttp11 || (connection & ConnectionTraits.KeepAlive) != 0);
        head.Traits = keepAlive ? RequestTraits.KeepAlive : RequestTraits.None;
        if (head.Fields.Seen.Overlaps(Controls))
        {
            head.Traits |= ReadControls(bytes, fields, head.Fields, isHttp11, connection);
        }

        return fault;
    }

    private static MessageFault ReadHost(ReadOnlySpan<byte> bytes, ReadOnlySpan<HeaderField> fields, ref RequestHead head)
    {
        bool isAbsolute = head.Target.Form == TargetForm.Absolute;
        if (!head.Fields.Has(KnownField.Host))
        {
            head.Authority = head.Target.Authority;
            return head.Version == MessageVersion.Http11 ? MessageFault.HostMissing : MessageFault.None;
        }

        if (head.Fields.Repeated.Contains(KnownField.Host))
        {
            return MessageFault.HostRepeated;
        }

        HeaderField field = fields[head.Fields.LastOf(KnownField.Host)];
        ReadOnlySpan<byte> host = field.Value(bytes);

        // An empty value says that the target has no authority (RFC 9112, 3.2); an absolute one has.
        if (!host.IsEmpty && !Authority.IsValid(host))
        {
            return MessageFault.HostInvalid;
        }

        head.Authority = isAbsolute ? head.Target.Authority : new ByteRange(field.ValueStart, field.ValueLength);
        return isAbsolute && !Authority.AreSame(host, head.Authority.Of(bytes), head.Target.IsHttps)
            ? MessageFault.HostContradictsTarget
            : MessageFault.None;
    }

    // HTTP/1.0 knows none of these, and what it does not know is to be passed over (RFC 9110, 7.8 and 10.1.1).
    private static RequestTraits ReadControls(
        ReadOnlySpan<byte> bytes, ReadOnlySpan<HeaderField> fields, in FieldSummary summary, bool isHttp11, ConnectionTraits connection)
    {
        if (!isHttp11)
        {
            return RequestTraits.None;
        }

        var controls = RequestTraits.None;
        foreach (ref readonly HeaderField field in fields)
        {
            controls |= field.Known switch
            {
                KnownField.Expect when ListMembers.Contains(field.Value(bytes), "100-continue"u8) => RequestTraits.ExpectsContinue,
                KnownField.Te when ListMembers.Contains(field.Value(bytes), "trailers"u8) => RequestTraits.AcceptsTrailers,
                KnownField.Upgrade when field.ValueLength > 0 && (connection & ConnectionTraits.Upgrade) != 0 => RequestTraits.AsksUpgrade,
                _ => RequestTraits.None,
            };
        }

        return controls;
    }
}

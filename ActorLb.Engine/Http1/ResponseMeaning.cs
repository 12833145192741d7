namespace ActorLb.Engine.Http1;

/// <summary>What a response's fields mean together: where its body ends (RFC 9112, 6.3) and whether its connection can be used again.</summary>
internal static class ResponseMeaning
{
    private const int SwitchingProtocols = 101;
    private const int NoContent = 204;
    private const int ResetContent = 205;
    private const int NotModified = 304;

    private static readonly KnownFieldSet Lengths = KnownFieldSet.Of(KnownField.ContentLength, KnownField.TransferEncoding);

    public static MessageFault Read(ReadOnlySpan<byte> bytes, Span<HeaderField> fields, RequestMethod method, bool upgradeAsked, ref ResponseHead head)
    {
        head.Framing = BodyFraming.UntilClose;
        MessageFault fault = MessageFault.None;
        if (head.Fields.Seen.Overlaps(Lengths))
        {
            fault = MessageLength.OfResponse(bytes, fields, head.Fields, head.Version, ref head.Framing, out head.ContentLength);
        }

        if (fault != MessageFault.None)
        {
            return fault;
        }

        fault = ConnectionOptions.Read(bytes, fields, head.Fields, out ConnectionTraits connection);
        if (fault != MessageFault.None)
        {
            return fault;
        }

        bool statesBody = head.Framing == BodyFraming.Chunked || head.ContentLength > 0;
        head.KeepAlive = (connection & ConnectionTraits.Close) == 0
            && (head.Version == MessageVersion.Http11 || (connection & ConnectionTraits.KeepAlive) != 0);
        if (head.Status < 200)
        {
            return ReadInterim(statesBody, upgradeAsked, ref head);
        }

        if (head.Status is NoContent or ResetContent)
        {
            // It has no body whatever it says. If it says otherwise, the backend may send one nevertheless: its
            // bytes must not be taken for the next answer. A 205 has to state its length of zero, or ends with its
            // connection (RFC 9110, 15.3.6).
            head.KeepAlive &= head.Status == NoContent ? !statesBody : head is { Framing: BodyFraming.Length, ContentLength: 0 };
            head.Framing = BodyFraming.None;
        }
        else if (method == RequestMethod.Head || head.Status == NotModified)
        {
            head.Framing = BodyFraming.None;
        }
        else if (head.Framing == BodyFraming.UntilClose)
        {
            head.KeepAlive = false;
        }

        return MessageFault.None;
    }

    // An interim answer has neither length nor body (RFC 9110, 15.2; RFC 9112, 6.1 and 6.3); one that claims some
    // may be half of something else.
    private static MessageFault ReadInterim(bool statesBody, bool upgradeAsked, ref ResponseHead head)
    {
        if (statesBody)
        {
            return MessageFault.InterimWithBody;
        }

        if (head.Status == SwitchingProtocols)
        {
            head.Framing = BodyFraming.Tunnel;
            head.KeepAlive = false;
            return upgradeAsked ? MessageFault.None : MessageFault.SwitchUnasked;
        }

        head.Framing = BodyFraming.None;
        return MessageFault.None;
    }
}

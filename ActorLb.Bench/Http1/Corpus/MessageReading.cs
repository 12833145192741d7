using ActorLb.Engine.Http1;

namespace ActorLb.Bench.Http1.Corpus;

/// <summary>What the parsers say of a whole message, in the words of the corpora.</summary>
/// <param name="Status">Of head and body together.</param>
/// <param name="Start">The five words behind "accept": for a request method, target, version, body, keep or close.</param>
/// <param name="Facts">Whatever else a corpus may ask for, by key.</param>
internal sealed record MessageReading(
    ParseStatus Status, MessageFault Fault, string[] Start, IReadOnlyDictionary<string, string> Facts, int HeadLength, int Consumed)
{
    /// <summary>The limits of hocon/reference.conf.</summary>
    public static readonly MessageLimits UsualLimits = new(8192, 32768, 100, MessageLimits.UsualChunkLineBytesMax);

    public static MessageReading Of(CorpusCase c) =>
        c.IsRequest ? OfRequest(c.Bytes) : OfResponse(c.Bytes, c["to"] == "HEAD" ? RequestMethod.Head : RequestMethod.Get, c.Says("asked"));

    public static MessageReading OfRequest(ReadOnlySpan<byte> bytes)
    {
        var fields = new HeaderField[UsualLimits.FieldCountMax];
        ParseResult result = RequestParser.Parse(bytes, UsualLimits, fields, out RequestHead head);
        if (!result.IsComplete)
        {
            return Unread(result);
        }

        string[] start =
        [
            MessageText.Of(head.MethodName.Of(bytes)),
            MessageText.Of(head.Target.Whole.Of(bytes)),
            head.Version == MessageVersion.Http11 ? "1.1" : "1.0",
            MessageText.Framing(head.Framing, head.ContentLength),
            head.Has(RequestTraits.KeepAlive) ? "keep" : "close",
        ];
        var facts = new Dictionary<string, string>
        {
            ["host"] = MessageText.Of(head.Authority.Of(bytes)),
            ["path"] = MessageText.Of(head.Target.PathAndQuery.Of(bytes)),
            ["form"] = head.Target.Form.ToString().ToLowerInvariant(),
            [head.Has(RequestTraits.ExpectsContinue) ? "expect" : "no-expect"] = "",
            [head.Has(RequestTraits.AsksUpgrade) ? "upgrade" : "no-upgrade"] = "",
            [head.Has(RequestTraits.AcceptsTrailers) ? "te" : "no-te"] = "",
        };
        return Read(bytes, result.Consumed, fields.AsSpan(0, head.Fields.Count), head.Framing, head.ContentLength, start, facts);
    }

    public static MessageReading OfResponse(ReadOnlySpan<byte> bytes, RequestMethod method, bool upgradeAsked)
    {
        var fields = new HeaderField[UsualLimits.FieldCountMax];
        ParseResult result = ResponseParser.Parse(bytes, method, upgradeAsked, UsualLimits, fields, out ResponseHead head);
        if (!result.IsComplete)
        {
            return Unread(result);
        }

        string[] start =
        [
            $"{head.Status}",
            head.Version == MessageVersion.Http11 ? "1.1" : "1.0",
            MessageText.Framing(head.Framing, head.ContentLength),
            head.KeepAlive ? "keep" : "close",
        ];
        var facts = new Dictionary<string, string>
        {
            ["reason"] = MessageText.Of(head.Reason.Of(bytes)),
            ["content-length"] = $"{head.ContentLength}",
            [head.IsInterim ? "interim" : "final"] = "",
        };
        return Read(bytes, result.Consumed, fields.AsSpan(0, head.Fields.Count), head.Framing, head.ContentLength, start, facts);
    }

    private static MessageReading Unread(ParseResult head) => new(head.Status, head.Fault, [], new Dictionary<string, string>(), 0, 0);

    private static MessageReading Read(
        ReadOnlySpan<byte> bytes, int headLength, ReadOnlySpan<HeaderField> fields, BodyFraming framing, long length, string[] start, Dictionary<string, string> facts)
    {
        // What a message says of its body's length may be more than a test sends of it.
        BodyReading body = BodyReading.Of(bytes[headLength..], framing, length, UsualLimits);
        int consumed = headLength + body.Consumed;
        facts["fields"] = $"{fields.Length}";
        facts["nominated"] = MessageText.Nominated(bytes, fields);
        facts["body"] = MessageText.Of(body.Body);
        facts["rest"] = MessageText.Of(bytes[consumed..]);
        foreach ((string name, string value) in MessageText.Fields(bytes, fields))
        {
            facts[name] = value;
        }

        foreach ((string name, string value) in body.Trailers)
        {
            facts["trailer-" + name] = value;
        }

        return new MessageReading(body.Status, body.Fault, start, facts, headLength, consumed);
    }
}

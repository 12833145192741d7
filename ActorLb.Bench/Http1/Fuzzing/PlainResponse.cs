using System.Globalization;
using ActorLb.Engine.Http1;

namespace ActorLb.Bench.Http1.Fuzzing;

/// <summary>What a response means, once more, slowly and from the text of the RFCs.</summary>
internal sealed record PlainResponse(PlainHead Head, BodyFraming Framing, long Length, bool KeepAlive)
{
    /// <returns>Null where the text does not begin with a whole response that is to be accepted.</returns>
    public static PlainResponse? Of(string text, bool toHead, bool asked, MessageLimits limits)
    {
        if (PlainHead.OfResponse(text, limits) is not { Start: [var digit, var code, _] } head
            || PlainBody.Stated(head, digit == "0", sameTwice: true) is not { } stated
            || head.Closes(digit == "0") is not { } closes)
        {
            return null;
        }

        int status = int.Parse(code, CultureInfo.InvariantCulture);
        bool hasBody = stated.Framing == BodyFraming.Chunked || stated.Length > 0;
        return status switch
        {
            < 200 when hasBody || (status == 101 && !asked) => null,
            101 => new PlainResponse(head, BodyFraming.Tunnel, stated.Length, false),
            < 200 => new PlainResponse(head, BodyFraming.None, stated.Length, !closes),
            204 => new PlainResponse(head, BodyFraming.None, stated.Length, !closes && !hasBody),
            205 => new PlainResponse(head, BodyFraming.None, stated.Length, !closes && stated.Framing == BodyFraming.Length && !hasBody),
            304 => new PlainResponse(head, BodyFraming.None, stated.Length, !closes),
            _ when toHead => new PlainResponse(head, BodyFraming.None, stated.Length, !closes),
            _ when stated.Framing == BodyFraming.None => new PlainResponse(head, BodyFraming.UntilClose, 0, false),
            _ => new PlainResponse(head, stated.Framing, stated.Length, !closes),
        };
    }
}

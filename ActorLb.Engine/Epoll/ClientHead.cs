using System.Runtime.CompilerServices;
using ActorLb.Engine.Forwarding;
using ActorLb.Engine.Http1;

namespace ActorLb.Engine.Epoll;

/// <summary>The head that a client gets of a backend's answer: with our own framing, the request's id and the session's ticket.</summary>
internal static class ClientHead
{
    /// <param name="source">The backend's head; the fields and the head are offsets into it.</param>
    /// <param name="framing">As the client gets it.</param>
    /// <param name="closes">The connection ends with this answer.</param>
    [SkipLocalsInit]
    public static void Write(
        ref HeadBuffer target,
        ReadOnlySpan<byte> source,
        in ResponseHead head,
        ReadOnlySpan<HeaderField> fields,
        Exchange exchange,
        BodyFraming framing,
        bool closes)
    {
        AnswerLines.WriteFields(ref target, source, head, fields, exchange.Loop.Date, exchange.Held.RequestId);
        target.Append(exchange.Facts.Route.Filters?.Response?.Lines);
        target.Advance(exchange.Lane.Life.WriteTicket(exchange.Facts, source, fields, target.Rest));

        AnswerLines.WriteFraming(ref target, source, head, fields, framing, closes, exchange.Held.Head.Version);
    }
}

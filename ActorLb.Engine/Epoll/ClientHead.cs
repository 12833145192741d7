using System.Runtime.CompilerServices;
using ActorLb.Engine.Forwarding;
using ActorLb.Engine.Http1;

namespace ActorLb.Engine.Epoll;

/// <summary>The head that a client gets of a backend's answer: with our own framing, the request's id and the session's ticket.</summary>
internal static class ClientHead
{
    private static readonly KnownFieldSet Written = KnownFieldSet.Of(KnownField.XRequestId);

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
        ResponseWriter.WriteStart(ref target, source, head);
        ResponseWriter.WriteFields(ref target, source, fields, Written);
        if (!head.Fields.Has(KnownField.Date))
        {
            target.AppendField("Date"u8, exchange.Loop.Date.Now);
        }

        target.AppendLine("X-Request-Id: "u8, exchange.Held.RequestId);
        if (exchange.OwesTicket)
        {
            WriteTicket(ref target, source, fields, exchange);
        }

        if (framing == BodyFraming.Tunnel)
        {
            BackendHead.WriteUpgrade(ref target, source, fields);
        }
        else if (closes)
        {
            target.Append("Connection: close\r\n"u8);
        }
        else if (exchange.Held.Head.Version == MessageVersion.Http10)
        {
            target.Append("Connection: keep-alive\r\n"u8);
        }

        ResponseWriter.WriteFraming(ref target, head, framing);
        ResponseWriter.WriteEnd(ref target);
    }

    /// <summary>A head before the final one (1xx), as the backend said it.</summary>
    public static void WriteInterim(ref HeadBuffer target, ReadOnlySpan<byte> source, in ResponseHead head, ReadOnlySpan<HeaderField> fields)
    {
        ResponseWriter.WriteStart(ref target, source, head);
        ResponseWriter.WriteFields(ref target, source, fields, KnownFieldSet.None);
        ResponseWriter.WriteEnd(ref target);
    }

    private static void WriteTicket(ref HeadBuffer target, ReadOnlySpan<byte> source, ReadOnlySpan<HeaderField> fields, Exchange exchange)
    {
        int before = target.Length;
        target.Append("Set-Cookie: "u8);
        int written = exchange.WriteTicket(source, fields, target.Rest);
        target.Advance(written);
        target.Append("\r\n"u8);
        if (written == 0)
        {
            target.Rewind(before);
        }
    }
}

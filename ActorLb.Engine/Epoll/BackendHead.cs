using System.Runtime.CompilerServices;
using ActorLb.Engine.Http1;

namespace ActorLb.Engine.Epoll;

/// <summary>The head that a backend gets: one well-formed request with our own framing and forwarded fields.</summary>
internal static class BackendHead
{
    private static readonly KnownFieldSet Written = KnownFieldSet.Of(
        KnownField.Host, KnownField.ContentLength, KnownField.XForwardedFor, KnownField.XForwardedProto, KnownField.XForwardedHost, KnownField.XRequestId);

    private static readonly KnownFieldSet WrittenWithVia = Written | KnownFieldSet.Of(KnownField.Via);

    /// <param name="source">The client's head; the fields and the head are offsets into it.</param>
    /// <param name="upgrades">Upgrade is passed on: the answer may be a switch of protocols.</param>
    [SkipLocalsInit]
    public static void Write(
        ref HeadBuffer target,
        ReadOnlySpan<byte> source,
        in RequestHead head,
        ReadOnlySpan<HeaderField> fields,
        ClientConnection client,
        ReadOnlySpan<byte> requestId,
        ReadOnlySpan<byte> hostIfNone,
        bool upgrades)
    {
        bool via = client.Listener.Via;
        RequestWriter.WriteStart(ref target, source, head, hostIfNone);
        RequestWriter.WriteFields(ref target, source, fields, via ? WrittenWithVia : Written);
        if (client.IsTrusted)
        {
            Append(ref target, "X-Forwarded-For"u8, source, fields, KnownField.XForwardedFor, client.Address);
            Append(ref target, "X-Forwarded-Proto"u8, source, fields, KnownField.XForwardedProto, "http"u8);
            Append(ref target, "X-Forwarded-Host"u8, source, fields, KnownField.XForwardedHost, head.Authority.Of(source));
        }
        else
        {
            target.AppendField("X-Forwarded-For"u8, client.Address);
            target.Append("X-Forwarded-Proto: http\r\n"u8);
            if (!head.Authority.IsEmpty)
            {
                target.AppendField("X-Forwarded-Host"u8, head.Authority.Of(source));
            }
        }

        target.AppendField("X-Request-Id"u8, requestId);
        if (via)
        {
            Append(ref target, "Via"u8, source, fields, KnownField.Via, head.Version == MessageVersion.Http11 ? "1.1 actorlb"u8 : "1.0 actorlb"u8);
        }

        if (head.Has(RequestTraits.AcceptsTrailers))
        {
            target.Append("TE: trailers\r\nConnection: TE\r\n"u8);
        }

        if (upgrades)
        {
            WriteUpgrade(ref target, source, fields);
        }

        RequestWriter.WriteFraming(ref target, head.Framing, head.ContentLength);
        RequestWriter.WriteEnd(ref target);
    }

    /// <summary>Connection and Upgrade, which concern one connection and are said anew for the next one.</summary>
    public static void WriteUpgrade(ref HeadBuffer target, ReadOnlySpan<byte> source, ReadOnlySpan<HeaderField> fields)
    {
        target.Append("Connection: Upgrade\r\n"u8);
        foreach (ref readonly HeaderField field in fields)
        {
            if (field.Known == KnownField.Upgrade)
            {
                target.AppendField("Upgrade"u8, field.Value(source));
            }
        }
    }

    /// <summary>One line of all lines that a field has, with ours at the end.</summary>
    private static void Append(
        ref HeadBuffer target, ReadOnlySpan<byte> name, ReadOnlySpan<byte> source, ReadOnlySpan<HeaderField> fields, KnownField known, ReadOnlySpan<byte> own)
    {
        target.Append(name);
        target.Append(": "u8);
        bool isFirst = true;
        foreach (ref readonly HeaderField field in fields)
        {
            if (field.Known == known && field.ValueLength > 0)
            {
                target.Append(isFirst ? default : ", "u8);
                target.Append(field.Value(source));
                isFirst = false;
            }
        }

        target.Append(isFirst || own.IsEmpty ? default : ", "u8);
        target.Append(own);
        target.Append("\r\n"u8);
    }
}

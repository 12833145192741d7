using System.Collections.Immutable;
using System.Runtime.CompilerServices;
using ActorLb.Engine.Clients;
using ActorLb.Engine.Filters;
using ActorLb.Engine.Http1;
using ActorLb.Engine.Traces;

namespace ActorLb.Engine.Forwarding;

/// <summary>The head that a backend gets: one well-formed request with our own framing and forwarded fields.</summary>
internal static class BackendHead
{
    private static readonly KnownFieldSet Written = KnownFieldSet.Of(KnownField.Host, KnownField.ContentLength, KnownField.XRequestId, KnownField.CdnLoop);

    private static readonly KnownFieldSet Via = KnownFieldSet.Of(KnownField.Via);

    private static readonly KnownFieldSet Cookie = KnownFieldSet.Of(KnownField.Cookie);

    /// <param name="source">The client's head; the fields and the head are offsets into it.</param>
    /// <param name="filters">Of its route; null: there are none. What they take of the fields is taken.</param>
    /// <param name="trace">Of which the backend gets its part; default: traces are off.</param>
    /// <param name="lines">Field lines that go along; empty: there are none.</param>
    /// <param name="upgrades">The protocols to which the answer may switch, as the pool lists them; default where the request asks for none.</param>
    [SkipLocalsInit]
    public static void Write(
        ref HeadBuffer target,
        ReadOnlySpan<byte> source,
        in RequestHead head,
        ReadOnlySpan<HeaderField> fields,
        ForwardedClient client,
        ReadOnlySpan<byte> requestId,
        ReadOnlySpan<byte> hostIfNone,
        in RequestTrace trace,
        RouteFilters? filters,
        ReadOnlySpan<byte> lines,
        ImmutableArray<string> upgrades)
    {
        bool via = client.Via;
        if (filters?.Rewrite is { } rewrite)
        {
            rewrite.WriteStart(ref target, source, head, hostIfNone);
        }
        else
        {
            RequestWriter.WriteStart(ref target, source, head, hostIfNone);
        }

        bool joinsCookies = head.Fields.Repeated.Contains(KnownField.Cookie);
        KnownFieldSet written = Written | ForwardedFields.Replaced(client, fields);
        bool traces = trace.IsOn && filters?.Request?.DecidesTraces != true;
        if (traces)
        {
            written |= TraceFields.Replaced(trace);
        }

        RequestWriter.WriteFields(
            ref target, source, fields, written | (via ? Via : KnownFieldSet.None) | (joinsCookies ? Cookie : KnownFieldSet.None));
        if (joinsCookies)
        {
            // Several lines of them come from HTTP/2; in HTTP/1.1 it is one (RFC 9113, 8.2.3; RFC 6265, 5.4).
            FieldLines.Append(ref target, "Cookie"u8, source, fields, KnownField.Cookie, default, "; "u8);
        }

        ForwardedFields.Write(ref target, source, fields, client, head.Authority.Of(source));
        if (filters is not null)
        {
            WriteOfRoute(ref target, filters);
            target.Append(lines);
        }

        target.AppendLine("X-Request-Id: "u8, requestId);
        if (traces)
        {
            TraceFields.Write(ref target, trace);
        }

        LoopMark.Write(ref target, source, head, fields);
        if (via)
        {
            FieldLines.Append(ref target, "Via"u8, source, fields, KnownField.Via, ViaOf(head.Version), ", "u8);
        }

        if (!upgrades.IsDefault)
        {
            Upgrades.Write(ref target, source, fields, upgrades);
        }
        else if (head.Version >= MessageVersion.Http2 && head.Has(RequestTraits.AcceptsTrailers))
        {
            // The only value of TE that an intermediary may pass on, since it keeps trailers itself (RFC 9113, 8.2.2).
            target.Append("Connection: TE\r\nTE: trailers\r\n"u8);
        }

        RequestWriter.WriteFraming(ref target, head.Framing, head.ContentLength);
        RequestWriter.WriteEnd(ref target);
    }

    /// <summary>Connection and Upgrade of a switch, which concern one connection and are said anew for the next one.</summary>
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

    private static void WriteOfRoute(ref HeadBuffer target, RouteFilters filters)
    {
        if (filters.Rewrite is { Stripped.IsEmpty: false } rewrite)
        {
            target.AppendLine("X-Forwarded-Prefix: "u8, rewrite.Stripped);
        }

        target.Append(filters.Request?.Lines);
    }

    private static ReadOnlySpan<byte> ViaOf(MessageVersion version) => version switch
    {
        MessageVersion.Http3 => "3.0 actorlb"u8,
        MessageVersion.Http2 => "2.0 actorlb"u8,
        MessageVersion.Http11 => "1.1 actorlb"u8,
        _ => "1.0 actorlb"u8,
    };
}

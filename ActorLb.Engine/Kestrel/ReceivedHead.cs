using System.Buffers;
using System.Collections.Immutable;
using System.Text;
using ActorLb.Engine.Clients;
using ActorLb.Engine.Filters;
using ActorLb.Engine.Forwarding;
using ActorLb.Engine.Http1;
using ActorLb.Engine.Http2;
using ActorLb.Engine.Routing;
using ActorLb.Engine.Sessions;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Primitives;

namespace ActorLb.Engine.Kestrel;

/// <summary>
/// The request's head, read by our own parser: as it came in HTTP/1.1, or what the server has read of HTTP/2 written as one
/// head of HTTP/1.1. What it means, what is refused and what backends get of it is so the same as on the event loops.
/// </summary>
internal sealed class ReceivedHead
{
    // What the head is longer by than the client's own: lines that HTTP/2 has no need of.
    private const int OwnBytesMax = 1024;
    private const int OwnFieldsMax = 8;

    private readonly HeadText _text = new();
    private HeaderField[] _fields = [];
    private RequestHead _head;
    private RequestId _requestId;

    public ref readonly RequestHead Head => ref _head;

    public ReadOnlySpan<byte> Source => _text.Written;

    public ReadOnlySpan<HeaderField> Fields => _fields.AsSpan(0, _head.Fields.Count);

    public ReadOnlySpan<byte> RequestId => _requestId.Value;

    /// <summary>The protocols of its pool, where it asks for one of them; else default.</summary>
    public ImmutableArray<string> Upgrades { get; private set; }

    /// <inheritdoc cref="Forwarding.Upgrades.AreAsked"/>
    public bool AsksUpgrade => !Upgrades.IsDefault;

    /// <summary>Reads a head of HTTP/1.1, and holds it where it is complete. Whatever comes out, there is an id afterwards.</summary>
    /// <param name="input">From the connection's first unread byte.</param>
    public ParseResult Receive(ReadOnlySpan<byte> input, in MessageLimits limits)
    {
        Upgrades = default;
        Rent(limits.FieldCountMax);
        ParseResult result = RequestParser.Parse(input, limits, _fields, out _head);
        _text.Begin();
        if (result.IsComplete)
        {
            _text.Append(input[..result.Consumed]);
            TakeMeaning();
        }
        else
        {
            Forget();
        }

        return result;
    }

    /// <summary>Reads a head of HTTP/2 or HTTP/3: what is wrong with it, or None. Whatever comes out, the request has an id afterwards.</summary>
    /// <param name="opening">An extended CONNECT that is passed on as an upgrade (RFC 8441); null for any other request.</param>
    /// <param name="hasBody">A body may follow, although nothing states its length.</param>
    public MessageFault Read(IHttpRequestFeature request, WebSocketOpening? opening, bool hasBody, in MessageLimits limits)
    {
        Forget();
        _text.Begin();
        WriteLine(request, opening);
        WriteFields(request.Headers, opening, hasBody);
        _text.Append("\r\n"u8);
        return _text.Fault == MessageFault.None ? Parse(MultiplexedClient.VersionOf(request), limits) : _text.Fault;
    }

    /// <summary>Has the fields that its route does not pass on end here.</summary>
    public void Take(HeaderEdits? edits) => edits?.Take(Source, _fields.AsSpan(0, _head.Fields.Count));

    /// <summary>Adds the tickets of its pool. Where they have a field of their own, that ends here.</summary>
    public void FindTickets(PoolAffinity affinity, ref PresentedTickets found)
    {
        RequestFields.FindTickets(affinity, Source, _head, Fields, ref found);
        affinity.Header?.Claim(Source, _fields.AsSpan(0, _head.Fields.Count));
    }

    /// <inheritdoc cref="RequestFields.IsSecure"/>
    public bool IsSecure(ForwardedClient client) => RequestFields.IsSecure(client, Source, _head, Fields);

    /// <summary>It carries credentials that would authenticate the connection it goes over.</summary>
    public bool AuthenticatesConnection => ConnectionAuthentication.IsClaimed(Source, Fields, _head.Fields);

    /// <inheritdoc cref="LoopMark.IsLooping"/>
    public bool IsLooping => LoopMark.IsLooping(Source, _head, Fields);

    /// <summary>The value of Trailer where the body may have trailers; else empty.</summary>
    public ReadOnlySpan<byte> AnnouncedTrailers =>
        _head.Framing == BodyFraming.Chunked && _head.Fields.Has(KnownField.Trailer)
            ? Fields[_head.Fields.LastOf(KnownField.Trailer)].Value(Source)
            : default;

    /// <summary>Its pool is known.</summary>
    public void Allow(ImmutableArray<string> upgrades) =>
        Upgrades = Forwarding.Upgrades.AreAsked(Source, _head, Fields, upgrades) ? upgrades : default;

    /// <summary>Whether a switch of protocols is to one that it asks for.</summary>
    /// <param name="source">The backend's head.</param>
    public bool IsUpgradedBy(ReadOnlySpan<byte> source, ReadOnlySpan<HeaderField> fields) =>
        Forwarding.Upgrades.AreAnswered(source, fields, Source, Fields, Upgrades);

    /// <summary>The value of a field that is not among the known ones, the last where there are several; empty where there is none.</summary>
    public ReadOnlySpan<byte> Find(ReadOnlySpan<byte> name)
    {
        ReadOnlySpan<byte> found = default;
        foreach (ref readonly HeaderField field in Fields)
        {
            if (field.Known == KnownField.Other && Ascii.EqualsIgnoreCase(field.Name(Source), name))
            {
                found = field.Value(Source);
            }
        }

        return found;
    }

    public void End()
    {
        _text.End();
        End(ref _fields);
    }

    private MessageFault Parse(MessageVersion version, in MessageLimits limits)
    {
        MessageLimits ours = limits with
        {
            FieldBytesMax = limits.FieldBytesMax + OwnBytesMax,
            FieldCountMax = limits.FieldCountMax + OwnFieldsMax,
        };
        Rent(ours.FieldCountMax);
        ParseResult result = RequestParser.Parse(Source, ours, _fields, out _head);

        // One whole head and nothing behind it: what was written is what was meant.
        if (!result.IsComplete || result.Consumed != _text.Length)
        {
            Forget();
            return result.Status == ParseStatus.Rejected ? result.Fault : MessageFault.RequestLineMalformed;
        }

        _head.Version = version;
        TakeMeaning();
        return MessageFault.None;
    }

    private void Rent(int fieldsMax)
    {
        if (_fields.Length < fieldsMax)
        {
            End(ref _fields);
            _fields = ArrayPool<HeaderField>.Shared.Rent(fieldsMax);
        }
    }

    private static void End(ref HeaderField[] fields)
    {
        if (fields.Length > 0)
        {
            ArrayPool<HeaderField>.Shared.Return(fields);
            fields = [];
        }
    }

    private void TakeMeaning()
    {
        _requestId.Choose(RequestFields.Value(Source, Fields, KnownField.XRequestId));
    }

    private void Forget()
    {
        _head = default;
        _requestId.Choose(default);
        Upgrades = default;
    }

    private void WriteLine(IHttpRequestFeature request, WebSocketOpening? opening)
    {
        if (opening is null)
        {
            _text.AppendToken(request.Method, MessageFault.MethodInvalid);
        }
        else
        {
            _text.Append("GET"u8);
        }

        // The scheme of an extended CONNECT is its protocol's affair (RFC 8441, 4).
        if (opening is null && !IsOfWeb(request.Scheme))
        {
            _text.Refuse(MessageFault.TargetSchemeUnsupported);
        }

        _text.Append(" "u8);
        _text.Append(request.RawTarget, MessageFault.TargetHasControl);
        _text.Append(" HTTP/1.1\r\n"u8);
    }

    private static bool IsOfWeb(string scheme) =>
        scheme.Equals("https", StringComparison.OrdinalIgnoreCase) || scheme.Equals("http", StringComparison.OrdinalIgnoreCase);

    private void WriteFields(IHeaderDictionary headers, WebSocketOpening? opening, bool hasBody)
    {
        foreach (KeyValuePair<string, StringValues> header in headers)
        {
            // HTTP/2's pseudo fields are the request line and Host here.
            if (header.Key.StartsWith(':') || (opening is not null && WebSocketOpening.IsWrittenHere(header.Key)))
            {
                continue;
            }

            if (ConnectionFields.Contains(header.Key))
            {
                _text.Refuse(MessageFault.ConnectionFieldInHttp2);
            }

            foreach (string? value in header.Value)
            {
                _text.AppendField(header.Key, value);
            }
        }

        if (opening is not null)
        {
            opening.WriteFields(_text);
        }
        else if (hasBody && headers.ContentLength is null)
        {
            _text.Append("Transfer-Encoding: chunked\r\n"u8);
        }
    }
}

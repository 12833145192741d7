using System.Buffers;
using System.Collections.Immutable;
using ActorLb.Engine.Forwarding;
using ActorLb.Engine.Http1;
using ActorLb.Engine.Sessions;
using ActorLb.Engine.Traffic;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Primitives;

namespace ActorLb.Engine.Kestrel;

/// <summary>
/// The request's head, written as one head of HTTP/1.1 and read by our own parser: what it means, what is refused and
/// what backends get of it is so the same as in the other lane, whatever the server makes of it.
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

    /// <summary>Of what the head says; None where it may go on. Whatever it is, the request has an id afterwards.</summary>
    /// <param name="opening">An extended CONNECT that is passed on as an upgrade (RFC 8441); null for any other request.</param>
    /// <param name="hasBody">HTTP/2 only: a body may follow, although nothing states its length.</param>
    public MessageFault Read(IHttpRequestFeature request, WebSocketOpening? opening, bool hasBody, in MessageLimits limits)
    {
        _head = default;
        Upgrades = default;
        _requestId.Choose(default);
        bool isHttp2 = HttpProtocol.IsHttp2(request.Protocol);
        if (!isHttp2 && !HttpProtocol.IsHttp11(request.Protocol) && !HttpProtocol.IsHttp10(request.Protocol))
        {
            return MessageFault.VersionUnsupported;
        }

        _text.Begin();
        WriteLine(request, opening);
        MessageFault length = WriteFields(request.Headers, isHttp2, opening, hasBody);
        _text.Append("\r\n"u8);
        MessageFault fault = _text.Fault == MessageFault.None ? length : _text.Fault;
        return fault == MessageFault.None ? Parse(isHttp2, limits) : fault;
    }

    /// <inheritdoc cref="RequestFields.FindTickets"/>
    public void FindTickets(PoolAffinity affinity, ref PresentedTickets found) =>
        RequestFields.FindTickets(affinity, Source, _head, Fields, ref found);

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

    public void End()
    {
        _text.End();
        if (_fields.Length > 0)
        {
            ArrayPool<HeaderField>.Shared.Return(_fields);
            _fields = [];
        }
    }

    private MessageFault Parse(bool isHttp2, in MessageLimits limits)
    {
        MessageLimits ours = limits with
        {
            FieldBytesMax = limits.FieldBytesMax + OwnBytesMax,
            FieldCountMax = limits.FieldCountMax + OwnFieldsMax,
        };
        if (_fields.Length == 0)
        {
            _fields = ArrayPool<HeaderField>.Shared.Rent(ours.FieldCountMax);
        }

        ParseResult result = RequestParser.Parse(Source, ours, _fields, out _head);
        if (result.Status == ParseStatus.Rejected)
        {
            return result.Fault;
        }

        // One whole head and nothing behind it: what was written is what was meant.
        if (!result.IsComplete || result.Consumed != _text.Length)
        {
            return MessageFault.RequestLineMalformed;
        }

        _head.Version = isHttp2 ? MessageVersion.Http2 : _head.Version;
        _requestId.Choose(RequestFields.Value(Source, Fields, KnownField.XRequestId));
        return MessageFault.None;
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

        // Also where the server has read HTTP/2: its line would be one of HTTP/1.1.
        _text.Append(" "u8);
        _text.Append(request.RawTarget, MessageFault.TargetHasControl);
        _text.Append(HttpProtocol.IsHttp10(request.Protocol) ? " HTTP/1.0\r\n"u8 : " HTTP/1.1\r\n"u8);
    }

    private MessageFault WriteFields(IHeaderDictionary headers, bool isHttp2, WebSocketOpening? opening, bool hasBody)
    {
        foreach (KeyValuePair<string, StringValues> header in headers)
        {
            // HTTP/2's pseudo fields are the request line and Host here.
            if ((isHttp2 && header.Key.StartsWith(':')) || (opening is not null && WebSocketOpening.IsWrittenHere(header.Key)))
            {
                continue;
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
        else if (isHttp2 && hasBody && headers.ContentLength is null)
        {
            _text.Append("Transfer-Encoding: chunked\r\n"u8);
        }

        // The server moves a Content-Length that stands beside Transfer-Encoding out of the way (RFC 9112, 6.3).
        return headers.TransferEncoding.Count > 0 && headers.ContainsKey("X-Content-Length")
            ? MessageFault.LengthAndTransferEncoding
            : MessageFault.None;
    }
}

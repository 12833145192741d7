using ActorLb.Engine.Forwarding;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Primitives;
using Microsoft.Net.Http.Headers;
using Yarp.ReverseProxy.Transforms;

namespace ActorLb.Engine.Kestrel;

/// <summary>Carries a request's header fields over to the backend: end-to-end ones as they are, hop-by-hop ones not, forwarded ones by whom we trust.</summary>
internal static class RequestHead
{
    private const string ForwardedFor = "X-Forwarded-For";
    private const string ForwardedProto = "X-Forwarded-Proto";
    private const string ForwardedHost = "X-Forwarded-Host";
    private const string Pseudonym = "actorlb";

    public static void Write(IHttpRequestFeature request, HttpRequestMessage message, ClientConnection client, string requestId)
    {
        IHeaderDictionary headers = request.Headers;
        StringValues connection = headers.Connection;
        bool namesFields = HopByHop.NamesFields(connection);
        foreach (KeyValuePair<string, StringValues> header in headers)
        {
            string name = header.Key;
            if (!HopByHop.Contains(name)
                && !IsWrittenHere(name, client)
                && !(namesFields && HopByHop.IsNamed(connection, name)))
            {
                Add(message, name, header.Value);
            }
        }

        WriteForwarded(headers, message, client);
        message.Headers.TryAddWithoutValidation(RequestIds.Header, requestId);
        if (client.Listener.Via)
        {
            message.Headers.TryAddWithoutValidation(HeaderNames.Via, Append(headers.Via, Via(request.Protocol)));
        }

        // The only value of TE that an intermediary may pass on, since it keeps trailers itself (RFC 9113, 8.2.2).
        if (HttpProtocol.IsHttp2(request.Protocol) && headers.TE.Count > 0 && HopByHop.IsNamed(headers.TE, "trailers"))
        {
            message.Headers.TryAddWithoutValidation(HeaderNames.TE, "trailers");
        }
    }

    private static void WriteForwarded(IHeaderDictionary headers, HttpRequestMessage message, ClientConnection client)
    {
        string? host = headers.Host.Count > 0 ? headers.Host[0] : null;
        if (client.IsTrusted)
        {
            message.Headers.TryAddWithoutValidation(ForwardedFor, Append(headers[ForwardedFor], client.Address));
            message.Headers.TryAddWithoutValidation(ForwardedProto, Append(headers[ForwardedProto], client.Scheme));
            message.Headers.TryAddWithoutValidation(ForwardedHost, Append(headers[ForwardedHost], host ?? ""));
            return;
        }

        message.Headers.TryAddWithoutValidation(ForwardedFor, client.Address);
        message.Headers.TryAddWithoutValidation(ForwardedProto, client.Scheme);
        if (!string.IsNullOrEmpty(host))
        {
            message.Headers.TryAddWithoutValidation(ForwardedHost, host);
        }
    }

    private static string Append(StringValues existing, string value) =>
        existing.Count == 0 ? value : value.Length == 0 ? existing.ToString() : $"{existing}, {value}";

    private static string Via(string protocol) =>
        HttpProtocol.IsHttp2(protocol) ? "2.0 " + Pseudonym : HttpProtocol.IsHttp10(protocol) ? "1.0 " + Pseudonym : "1.1 " + Pseudonym;

    private static bool IsWrittenHere(string name, ClientConnection client) => name.Length switch
    {
        3 => client.Listener.Via && Is(name, HeaderNames.Via),
        12 => Is(name, RequestIds.Header),
        15 => Is(name, ForwardedFor),
        16 => Is(name, ForwardedHost),
        17 => Is(name, ForwardedProto),

        // HTTP/2's pseudo fields are the request line here.
        _ => name[0] == ':',
    };

    private static void Add(HttpRequestMessage message, string name, StringValues values)
    {
        // A Host without a value would stand beside the one that the handler then writes.
        if (values.Count == 1)
        {
            string value = values[0] ?? "";
            if (!message.Headers.TryAddWithoutValidation(name, value)
                && message.Content?.Headers.TryAddWithoutValidation(name, value) != true)
            {
                ContentFields.Add(message, name, values);
            }
        }
        else if (!message.Headers.TryAddWithoutValidation(name, (IEnumerable<string?>)values)
            && message.Content?.Headers.TryAddWithoutValidation(name, (IEnumerable<string?>)values) != true)
        {
            ContentFields.Add(message, name, values);
        }
    }

    private static bool Is(string name, string other) => name.Equals(other, StringComparison.OrdinalIgnoreCase);

    /// <summary>Fields that describe a body, on a request without one. Only the forwarder can make the empty content that carries them.</summary>
    private sealed class ContentFields : RequestTransform
    {
        public static void Add(HttpRequestMessage message, string name, StringValues values)
        {
            if (!Is(name, HeaderNames.ContentLength))
            {
                AddHeader(new RequestTransformContext { ProxyRequest = message, HttpContext = null! }, name, values);
            }
        }

        public override ValueTask ApplyAsync(RequestTransformContext context) => default;
    }
}

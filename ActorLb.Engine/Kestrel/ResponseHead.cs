using System.Net;
using System.Net.Http.Headers;
using ActorLb.Engine.Forwarding;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;
using Microsoft.Net.Http.Headers;

namespace ActorLb.Engine.Kestrel;

/// <summary>Carries an answer's header fields over to the client, with the request's id and the session's ticket.</summary>
internal static class ResponseHead
{
    /// <param name="ticket">A Set-Cookie value beside the backend's own, or null.</param>
    public static void Write(HttpResponseMessage message, IHeaderDictionary headers, string requestId, string? ticket)
    {
        HttpHeadersNonValidated source = message.Headers.NonValidated;
        StringValues connection = source.TryGetValues(HeaderNames.Connection, out HeaderStringValues options) ? Values(options) : default;
        bool namesFields = HopByHop.NamesFields(connection);
        Copy(source, headers, namesFields ? connection : default);
        Copy(message.Content.Headers.NonValidated, headers, namesFields ? connection : default);

        // A length beside a transfer coding, and one on an answer that has no body, would be a second opinion on
        // where the answer ends (RFC 9112, 6.1; RFC 9110, 8.6).
        if (message.Headers.TransferEncodingChunked == true || HasNoBody(message.StatusCode))
        {
            headers.ContentLength = null;
        }

        headers[RequestIds.Header] = requestId;
        if (ticket is not null)
        {
            headers.SetCookie = StringValues.Concat(headers.SetCookie, ticket);
        }
    }

    public static void WriteTrailers(HttpResponseMessage message, IHeaderDictionary trailers) =>
        Copy(message.TrailingHeaders.NonValidated, trailers, default);

    public static bool IsEventStream(HttpResponseMessage message) =>
        message.Content.Headers.NonValidated.TryGetValues(HeaderNames.ContentType, out HeaderStringValues type)
        && type.ToString().StartsWith("text/event-stream", StringComparison.OrdinalIgnoreCase);

    private static void Copy(HttpHeadersNonValidated source, IHeaderDictionary headers, StringValues connection)
    {
        foreach (KeyValuePair<string, HeaderStringValues> header in source)
        {
            string name = header.Key;
            if (!HopByHop.Contains(name) && (connection.Count == 0 || !HopByHop.IsNamed(connection, name)))
            {
                headers[name] = Values(header.Value);
            }
        }
    }

    private static StringValues Values(in HeaderStringValues values)
    {
        if (values.Count <= 1)
        {
            return values.ToString();
        }

        var copy = new string[values.Count];
        int at = 0;
        foreach (string value in values)
        {
            copy[at++] = value;
        }

        return copy;
    }

    private static bool HasNoBody(HttpStatusCode status) =>
        (int)status < 200 || status is HttpStatusCode.NoContent or HttpStatusCode.ResetContent;
}

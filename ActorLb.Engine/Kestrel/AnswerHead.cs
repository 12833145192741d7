using System.Text;
using ActorLb.Engine.Forwarding;
using ActorLb.Engine.Http1;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Extensions.Primitives;

namespace ActorLb.Engine.Kestrel;

/// <summary>Carries the head of a backend's answer over to the server: end-to-end fields as they are, the framing its own.</summary>
internal static class AnswerHead
{
    private const int ResetContent = StatusCodes.Status205ResetContent;

    private static readonly KnownFieldSet Dropped = ResponseWriter.Dropped | KnownFieldSet.Of(KnownField.XRequestId);

    // Of a switch of protocols the server writes Connection itself, and HTTP/2 has neither (RFC 8441, 5).
    private static readonly KnownFieldSet DroppedOfTunnel =
        new(Dropped.Bits & ~KnownFieldSet.Of(KnownField.Upgrade).Bits);

    /// <param name="source">The backend's head; the fields and the head are offsets into it.</param>
    /// <param name="ticket">A Set-Cookie value beside the backend's own, or null.</param>
    /// <exception cref="InvalidOperationException">The server does not write such a field.</exception>
    public static void Write(
        ReadOnlySpan<byte> source,
        in ResponseHead head,
        ReadOnlySpan<HeaderField> fields,
        IHttpResponseFeature response,
        bool isHttp2,
        string requestId,
        string? ticket)
    {
        IHeaderDictionary headers = response.Headers;
        response.StatusCode = head.Status;
        if (!isHttp2)
        {
            WriteReason(head.Reason.Of(source), response);
        }

        bool isTunnel = head.Framing == BodyFraming.Tunnel;
        KnownFieldSet dropped = isTunnel && !isHttp2 ? DroppedOfTunnel : Dropped;
        foreach (ref readonly HeaderField field in fields)
        {
            // The server has no trailers in HTTP/1.1.
            if (dropped.Contains(field.Known)
                || (field.Traits & FieldTraits.Nominated) != 0
                || (!isHttp2 && field.Known == KnownField.Trailer))
            {
                continue;
            }

            string name = FieldNames.Of(field.Name(source));
            string value = Encoding.Latin1.GetString(field.Value(source));
            headers[name] = headers.TryGetValue(name, out StringValues others) ? StringValues.Concat(others, value) : value;
        }

        WriteLength(head, headers);
        headers[RequestIds.Header] = requestId;
        if (ticket is not null)
        {
            headers.SetCookie = StringValues.Concat(headers.SetCookie, ticket);
        }
    }

    // An answer to HEAD and a 304 may say how long the body would be.
    private static void WriteLength(in ResponseHead head, IHeaderDictionary headers)
    {
        if (head.Framing == BodyFraming.Length
            || (head.Framing == BodyFraming.None
                && head.Fields.Has(KnownField.ContentLength)
                && head.Status is >= StatusCodes.Status200OK and not (StatusCodes.Status204NoContent or ResetContent)))
        {
            headers.ContentLength = head.ContentLength;
        }
    }

    // The server writes it in ASCII: one that is not, it would falsify, and the status says the same.
    private static void WriteReason(ReadOnlySpan<byte> reason, IHttpResponseFeature response)
    {
        string usual = ReasonPhrases.GetReasonPhrase(response.StatusCode);
        response.ReasonPhrase = Ascii.Equals(reason, usual) || !Ascii.IsValid(reason) ? null : Encoding.ASCII.GetString(reason);
    }
}

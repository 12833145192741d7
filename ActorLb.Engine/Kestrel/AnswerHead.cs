using System.Text;
using ActorLb.Engine.Filters;
using ActorLb.Engine.Forwarding;
using ActorLb.Engine.Http1;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Primitives;

namespace ActorLb.Engine.Kestrel;

/// <summary>Carries the head of a backend's answer over to the server, for HTTP/2: end-to-end fields as they are, the framing its own.</summary>
internal static class AnswerHead
{
    private const int ResetContent = StatusCodes.Status205ResetContent;

    private static readonly KnownFieldSet Dropped = ResponseWriter.Dropped | KnownFieldSet.Of(KnownField.XRequestId);

    /// <param name="source">The backend's head; the fields and the head are offsets into it.</param>
    /// <param name="ticket">Lines that bring one, beside what the backend says, or null.</param>
    /// <param name="edits">Of the route: what they take is taken from the fields; null: there are none.</param>
    /// <exception cref="InvalidOperationException">The server does not write such a field.</exception>
    public static void Write(
        ReadOnlySpan<byte> source,
        in ResponseHead head,
        ReadOnlySpan<HeaderField> fields,
        IHttpResponseFeature response,
        string requestId,
        string? ticket,
        HeaderEdits? edits)
    {
        IHeaderDictionary headers = response.Headers;
        response.StatusCode = head.Status;
        foreach (ref readonly HeaderField field in fields)
        {
            if (Dropped.Contains(field.Known) || (field.Traits & FieldTraits.Nominated) != 0)
            {
                continue;
            }

            string name = FieldNames.Of(field.Name(source));
            string value = Encoding.Latin1.GetString(field.Value(source));
            headers[name] = headers.TryGetValue(name, out StringValues others) ? StringValues.Concat(others, value) : value;
        }

        WriteLength(head, headers);
        headers[RequestIds.Header] = requestId;
        WriteLines(headers, edits?.Lines);
        WriteLines(headers, ticket);
    }

    /// <param name="lines">Null: there are none.</param>
    public static void WriteLines(IHeaderDictionary headers, byte[]? lines) => WriteLines(headers, lines is null ? null : Encoding.Latin1.GetString(lines));

    /// <inheritdoc cref="WriteLines(IHeaderDictionary, byte[])"/>
    public static void WriteLines(IHeaderDictionary headers, string? lines)
    {
        foreach (string line in lines?.Split("\r\n", StringSplitOptions.RemoveEmptyEntries) ?? [])
        {
            int colon = line.IndexOf(':', StringComparison.Ordinal);
            string name = line[..colon];
            headers[name] = StringValues.Concat(headers[name], line[(colon + 2)..]);
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
}

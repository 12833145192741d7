using ActorLb.Shared.Settings;
using Microsoft.Extensions.Primitives;

namespace ActorLb.Engine.Sessions;

/// <summary>Finds the ticket among a request's cookies and writes the one of a response (RFC 6265, 4.1 and 4.2).</summary>
public sealed class TicketCookie
{
    private readonly string _name;
    private readonly string _start;
    private readonly string _attributes;
    private readonly string _attributesSecure;

    public TicketCookie(CookieSettings settings)
    {
        _name = settings.Name;
        _start = settings.Name + "=";
        string attributes = "; Path=" + settings.Path
            + (settings.Domain.Length > 0 ? "; Domain=" + settings.Domain : "")
            + (settings.MaxAge is { } age ? "; Max-Age=" + (long)age.TotalSeconds : "")
            + (settings.HttpOnly ? "; HttpOnly" : "")
            + "; SameSite=" + settings.SameSite;
        _attributes = settings.Secure == CookieSecure.Always ? attributes + "; Secure" : attributes;
        _attributesSecure = settings.Secure == CookieSecure.Never ? attributes : attributes + "; Secure";
    }

    /// <summary>How often the cookie is there, and its value where that is once. More than once is ambiguous: no ticket.</summary>
    public int Find(StringValues headers, out ReadOnlySpan<char> value)
    {
        value = default;
        int found = 0;
        foreach (string? header in headers)
        {
            ReadOnlySpan<char> rest = header;
            while (!rest.IsEmpty)
            {
                int end = rest.IndexOf(';');
                ReadOnlySpan<char> pair = (end < 0 ? rest : rest[..end]).Trim(' ');
                rest = end < 0 ? default : rest[(end + 1)..];
                if (pair.Length > _name.Length && pair[_name.Length] == '=' && pair.StartsWith(_name, StringComparison.Ordinal))
                {
                    found++;
                    value = pair[(_name.Length + 1)..];
                }
            }
        }

        return found;
    }

    /// <summary>The Set-Cookie value that carries a ticket.</summary>
    /// <param name="secure">The client's connection is TLS.</param>
    public string Write(ReadOnlySpan<char> ticket, bool secure) =>
        string.Concat(_start, ticket, secure ? _attributesSecure : _attributes);
}

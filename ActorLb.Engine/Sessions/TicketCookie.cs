using System.Text;
using ActorLb.Shared.Settings;
using Microsoft.Extensions.Primitives;

namespace ActorLb.Engine.Sessions;

/// <summary>Finds the ticket among a request's cookies and writes the one of a response (RFC 6265, 4.1 and 4.2).</summary>
public sealed class TicketCookie
{
    private readonly string _name;
    private readonly byte[] _nameBytes;
    private readonly byte[] _start;
    private readonly byte[] _attributes;
    private readonly byte[] _attributesSecure;

    public TicketCookie(CookieSettings settings)
    {
        _name = settings.Name;
        _nameBytes = Encoding.ASCII.GetBytes(settings.Name);
        _start = Encoding.ASCII.GetBytes(settings.Name + "=");
        string attributes = "; Path=" + settings.Path
            + (settings.Domain.Length > 0 ? "; Domain=" + settings.Domain : "")
            + (settings.MaxAge is { } age ? "; Max-Age=" + (long)age.TotalSeconds : "")
            + (settings.HttpOnly ? "; HttpOnly" : "")
            + "; SameSite=" + settings.SameSite
            + (settings.Partitioned ? "; Partitioned" : "");
        _attributes = Encoding.UTF8.GetBytes(settings.Secure == CookieSecure.Always ? attributes + "; Secure" : attributes);
        _attributesSecure = Encoding.UTF8.GetBytes(settings.Secure == CookieSecure.Never ? attributes : attributes + "; Secure");
    }

    /// <summary>Bytes of the longest Set-Cookie value.</summary>
    public int ValueBytesMax => _start.Length + TicketCodec.TicketChars + _attributesSecure.Length;

    /// <summary>How often the cookie is there, and its value where that is once. More than once is ambiguous: no ticket.</summary>
    public int Find(StringValues headers, out ReadOnlySpan<char> value)
    {
        value = default;
        int found = 0;
        foreach (string? header in headers)
        {
            Find(header, _name, ';', '=', ' ', ref found, ref value);
        }

        return found;
    }

    /// <summary>The same for one Cookie field as it lies in memory: adds to what other fields held.</summary>
    /// <param name="found">How often the cookie was there so far.</param>
    /// <param name="value">Its value, the last one.</param>
    public void Find(ReadOnlySpan<byte> field, ref int found, ref ReadOnlySpan<byte> value) =>
        Find(field, _nameBytes, (byte)';', (byte)'=', (byte)' ', ref found, ref value);

    /// <summary>Writes the Set-Cookie value that carries a ticket; returns its length.</summary>
    /// <param name="secure">The client's connection is TLS.</param>
    /// <param name="target">At least <see cref="ValueBytesMax"/> bytes.</param>
    public int Write(ReadOnlySpan<byte> ticket, bool secure, Span<byte> target)
    {
        ReadOnlySpan<byte> attributes = secure ? _attributesSecure : _attributes;
        _start.CopyTo(target);
        ticket.CopyTo(target[_start.Length..]);
        attributes.CopyTo(target[(_start.Length + ticket.Length)..]);
        return _start.Length + ticket.Length + attributes.Length;
    }

    private static void Find<T>(
        ReadOnlySpan<T> rest, ReadOnlySpan<T> name, T end, T equals, T space, ref int found, ref ReadOnlySpan<T> value)
        where T : unmanaged, IEquatable<T>
    {
        while (!rest.IsEmpty)
        {
            int length = rest.IndexOf(end);
            ReadOnlySpan<T> pair = (length < 0 ? rest : rest[..length]).Trim(space);
            rest = length < 0 ? default : rest[(length + 1)..];
            if (pair.Length > name.Length && pair[name.Length].Equals(equals) && pair.StartsWith(name))
            {
                found++;
                value = pair[(name.Length + 1)..];
            }
        }
    }
}

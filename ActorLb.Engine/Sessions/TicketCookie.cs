using System.Numerics;
using System.Runtime.InteropServices;
using System.Text;
using ActorLb.Shared.Settings;
using Microsoft.Extensions.Primitives;

namespace ActorLb.Engine.Sessions;

/// <summary>
/// Finds the tickets among a request's cookies and writes the one of a response (RFC 6265, 4.1 and 4.2). Over plain
/// HTTP a browser neither sends nor overwrites a cookie that is secure (RFC 6265bis, 5.7): where a pool is reached both
/// ways, the one over TLS has a name of its own.
/// </summary>
public sealed class TicketCookie
{
    /// <summary>Browsers take a cookie of such a name over TLS only (RFC 6265bis, 4.1.3.1).</summary>
    private const string SecurePrefix = "__Secure-";

    private static ReadOnlySpan<byte> LineStart => "Set-Cookie: "u8;

    private readonly string _name;
    private readonly string _secureName;
    private readonly byte[] _nameBytes;
    private readonly byte[] _secureNameBytes;
    private readonly Text _plain;
    private readonly Text _secure;

    /// <param name="mixesSchemes">The pool is reached over TLS and over plain HTTP: each writes a cookie of its own where secure is auto.</param>
    public TicketCookie(CookieSettings settings, bool mixesSchemes = false)
    {
        _name = settings.Name;
        _secureName = SecureNameOf(settings) ?? "";
        _nameBytes = Encoding.ASCII.GetBytes(_name);
        _secureNameBytes = Encoding.ASCII.GetBytes(_secureName);
        string attributes = "; Path=" + settings.Path
            + (settings.Domain.Length > 0 ? "; Domain=" + settings.Domain : "")
            + (settings.MaxAge is { } age ? "; Max-Age=" + (long)age.TotalSeconds : "")
            + (settings.HttpOnly ? "; HttpOnly" : "")
            + "; SameSite=" + settings.SameSite
            + (settings.Partitioned ? "; Partitioned" : "");
        _plain = new Text(_name, settings.Secure == CookieSecure.Always ? attributes + "; Secure" : attributes);
        _secure = new Text(
            mixesSchemes && _secureName.Length > 0 ? _secureName : _name,
            settings.Secure == CookieSecure.Never ? attributes : attributes + "; Secure");
    }

    /// <summary>Bytes of the longest Set-Cookie line.</summary>
    public int LinesBytesMax => LineStart.Length + ValueBytesMax + 2;

    /// <summary>Bytes of the longest Set-Cookie value.</summary>
    public int ValueBytesMax => Math.Max(_plain.Start.Length, _secure.Start.Length) + TicketCodec.TicketChars + _secure.Attributes.Length;

    /// <summary>The name that is written over TLS where plain HTTP is served, too, and read everywhere; null where there is none.</summary>
    public static string? SecureNameOf(CookieSettings settings) =>
        settings.Secure == CookieSecure.Auto ? SecurePrefix + settings.Name : null;

    /// <summary>Adds the tickets of a request's Cookie fields.</summary>
    internal void Find(StringValues fields, ref PresentedTickets found)
    {
        foreach (string? field in fields)
        {
            Find<char>(field, _name, _secureName, ref found);
        }
    }

    /// <summary>The same for one Cookie field as it lies in memory.</summary>
    internal void Find(ReadOnlySpan<byte> field, ref PresentedTickets found) => Find<byte>(field, _nameBytes, _secureNameBytes, ref found);

    /// <summary>Writes the whole line; returns its length.</summary>
    /// <inheritdoc cref="Write"/>
    /// <param name="target">At least <see cref="LinesBytesMax"/> bytes.</param>
    internal int WriteLine(ReadOnlySpan<byte> ticket, bool secure, Span<byte> target)
    {
        LineStart.CopyTo(target);
        int length = LineStart.Length + Write(ticket, secure, target[LineStart.Length..]);
        "\r\n"u8.CopyTo(target[length..]);
        return length + 2;
    }

    /// <summary>Writes the Set-Cookie value that carries a ticket; returns its length.</summary>
    /// <param name="secure">The client's connection is TLS.</param>
    /// <param name="target">At least <see cref="ValueBytesMax"/> bytes.</param>
    public int Write(ReadOnlySpan<byte> ticket, bool secure, Span<byte> target)
    {
        Text text = secure ? _secure : _plain;
        text.Start.CopyTo(target);
        ticket.CopyTo(target[text.Start.Length..]);
        text.Attributes.CopyTo(target[(text.Start.Length + ticket.Length)..]);
        return text.Start.Length + ticket.Length + text.Attributes.Length;
    }

    private static void Find<T>(ReadOnlySpan<T> rest, ReadOnlySpan<T> name, ReadOnlySpan<T> secureName, ref PresentedTickets found)
        where T : unmanaged, IBinaryInteger<T>
    {
        while (!rest.IsEmpty)
        {
            int length = rest.IndexOf(T.CreateTruncating(';'));
            ReadOnlySpan<T> pair = Trim(length < 0 ? rest : rest[..length]);
            rest = length < 0 ? default : rest[(length + 1)..];
            if (pair.StartsWith(name))
            {
                Add(pair[name.Length..], secure: false, ref found);
            }
            else if (!secureName.IsEmpty && pair.StartsWith(secureName))
            {
                Add(pair[secureName.Length..], secure: true, ref found);
            }
        }
    }

    /// <param name="rest">What follows the name.</param>
    private static void Add<T>(ReadOnlySpan<T> rest, bool secure, ref PresentedTickets found)
        where T : unmanaged, IBinaryInteger<T>
    {
        rest = Trim(rest);
        if (rest.IsEmpty || rest[0] != T.CreateTruncating('='))
        {
            return;
        }

        ReadOnlySpan<T> value = Trim(rest[1..]);
        T quote = T.CreateTruncating('"');
        if (value.Length > 1 && value[0] == quote && value[^1] == quote)
        {
            value = value[1..^1];
        }

        if (typeof(T) == typeof(byte))
        {
            found.Add(MemoryMarshal.Cast<T, byte>(value), secure);
        }
        else
        {
            found.Add(MemoryMarshal.Cast<T, char>(value), secure);
        }
    }

    private static ReadOnlySpan<T> Trim<T>(ReadOnlySpan<T> text)
        where T : unmanaged, IBinaryInteger<T>
    {
        int start = 0;
        int end = text.Length;
        while (start < end && IsBlank(text[start]))
        {
            start++;
        }

        while (end > start && IsBlank(text[end - 1]))
        {
            end--;
        }

        return text[start..end];
    }

    private static bool IsBlank<T>(T character)
        where T : unmanaged, IBinaryInteger<T> =>
        character == T.CreateTruncating(' ') || character == T.CreateTruncating('\t');

    /// <summary>What stands before a ticket, and what behind it.</summary>
    private sealed class Text(string name, string attributes)
    {
        public byte[] Start { get; } = Encoding.ASCII.GetBytes(name + "=");

        public byte[] Attributes { get; } = Encoding.UTF8.GetBytes(attributes);
    }
}

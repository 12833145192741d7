using System.Collections.Frozen;
using System.Text;
using ActorLb.Engine.Http1;

namespace ActorLb.Engine.Sessions;

/// <summary>
/// The header that carries tickets of clients without a cookie jar: an answer tells the ticket in it, and the client sends it
/// back in the same one. It is between the client and the balancer: it goes to no backend, and none may speak in it.
/// </summary>
public sealed class TicketField
{
    // Caches that are not told to keep an answer leave out one that sets a cookie, and know nothing of this field.
    private static ReadOnlySpan<byte> Private => "Cache-Control: private\r\n"u8;

    // Fields of a message itself: what says something to clients, caches or backends is not to be taken from them.
    private static readonly string[] Beginnings =
        ["accept", "access-control-", "content-", "if-", "proxy-", "sec-", "x-actorlb-"];

    private static readonly FrozenSet<string> Taken = FrozenSet.ToFrozenSet(
        [
            "age", "allow", "alt-svc", "cache-control", "clear-site-data", "dnt", "early-data", "etag", "expires", "from", "last-modified",
            "link", "location", "max-forwards", "origin", "pragma", "priority", "range", "referer", "refresh", "retry-after", "server",
            "strict-transport-security", "traceparent", "tracestate", "user-agent", "vary", "warning",
        ],
        StringComparer.OrdinalIgnoreCase);

    private readonly byte[] _name;
    private readonly byte[] _start;

    /// <param name="name">A token (RFC 9110, 5.1), in any case.</param>
    internal TicketField(string name)
    {
        Name = name;
        _name = Encoding.ASCII.GetBytes(name);
        _start = Encoding.ASCII.GetBytes(name + ": ");
    }

    internal string Name { get; }

    /// <summary>Whether a name has no other meaning.</summary>
    public static bool IsFree(string name) =>
        !Taken.Contains(name)
        && !Beginnings.Any(b => name.StartsWith(b, StringComparison.OrdinalIgnoreCase))
        && KnownFieldTable.Find(Encoding.ASCII.GetBytes(name)) == KnownField.Other;

    /// <summary>Bytes of the longest lines.</summary>
    internal int LinesBytesMax => _start.Length + TicketCodec.TicketChars + 2 + Private.Length;

    /// <summary>Adds the tickets of a request. Lines that somebody joined by commas are several.</summary>
    internal void Find(ReadOnlySpan<byte> source, ReadOnlySpan<HeaderField> fields, ref PresentedTickets found)
    {
        foreach (ref readonly HeaderField field in fields)
        {
            if (field.Known != KnownField.Other || !Ascii.EqualsIgnoreCase(field.Name(source), _name))
            {
                continue;
            }

            ReadOnlySpan<byte> value = field.Value(source);
            if (!value.Contains((byte)','))
            {
                found.Add(value, secure: false);
                continue;
            }

            foreach (ReadOnlySpan<byte> member in new ListMembers(value))
            {
                found.Add(member, secure: false);
            }
        }
    }

    /// <summary>
    /// Has the field end here, in a request or an answer; its twins (<see cref="TwinNames"/>), too.
    /// </summary>
    internal void Claim(ReadOnlySpan<byte> source, Span<HeaderField> fields)
    {
        foreach (ref HeaderField field in fields)
        {
            if (field.Known == KnownField.Other && TwinNames.AreAlike(field.Name(source), _name))
            {
                field.Traits |= FieldTraits.Nominated;
            }
        }
    }

    /// <summary>Writes the lines that bring a ticket; returns their length.</summary>
    /// <param name="isPrivate">The answer says already that caches keep it from others.</param>
    /// <param name="target">At least <see cref="LinesBytesMax"/> bytes.</param>
    internal int Write(ReadOnlySpan<byte> ticket, bool isPrivate, Span<byte> target)
    {
        var lines = new HeadBuffer(target);
        lines.AppendLine(_start, ticket);
        lines.Append(isPrivate ? default : Private);
        return lines.Length;
    }
}

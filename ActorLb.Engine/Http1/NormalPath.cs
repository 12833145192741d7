using System.Buffers;
using System.Text;
using System.Text.Unicode;

namespace ActorLb.Engine.Http1;

/// <summary>
/// A target's path as routes are compared with it: what it means, however it is written (RFC 3986, 6.2.2). A path is octets: each
/// that is percent-encoded is decoded, whatever the others are, but for those that would mean something else then, which stay as
/// "%2F" (6.2.2.1), as do octets that are no UTF-8; dot segments are resolved; slashes that follow each other count as one, as most
/// servers take them. Two paths have one text only where they are one, and the text of a text is itself. Pure, and without cost
/// where none of that is there.
/// </summary>
public static class NormalPath
{
    /// <summary>An octet that stays encoded has three characters.</summary>
    public const int CharsPerOctet = 3;

    // Of controls nobody can say where they end up; the others divide a path or end it.
    private static readonly SearchValues<byte> Staying = SearchValues.Create([.. Enumerable.Range(0, ' ').Select(c => (byte)c), 0x7F, (byte)'%', (byte)'/', (byte)'?', (byte)'#']);

    /// <summary>The path of a request line's target.</summary>
    public static string Of(string target) => Of(target, out _);

    /// <param name="leadsOut">It has more segments of two dots than there are to leave; they are ignored (RFC 3986, 5.2.4).</param>
    /// <inheritdoc cref="Of(string)"/>
    public static string Of(string target, out bool leadsOut)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(target);
        char[] path = new char[(CharsPerOctet * bytes.Length) + 1];
        return new string(path, 0, Read(bytes, path, new byte[path.Length], out leadsOut));
    }

    /// <param name="target">Path and query as they stand in the request line.</param>
    /// <param name="path">Receives the path; <see cref="CharsPerOctet"/> times as long as the target, and at least 1.</param>
    /// <param name="scratch">As long as well.</param>
    /// <returns>The path's length. It begins with a slash; the server itself, "*", is "/".</returns>
    public static int Read(ReadOnlySpan<byte> target, Span<char> path, Span<byte> scratch) => Read(target, path, scratch, out _);

    /// <summary>The next octet of a path, decoded where it is encoded.</summary>
    /// <param name="path">Not empty; without it then.</param>
    /// <param name="stays">It is not what it would be unencoded. A percent sign that encodes nothing is as good as %25.</param>
    internal static byte Take(ref ReadOnlySpan<byte> path, out bool stays)
    {
        byte octet = path[0];
        stays = octet == '%';
        if (stays && path.Length > 2 && HexValue(path[1]) is >= 0 and var high && HexValue(path[2]) is >= 0 and var low)
        {
            octet = (byte)((high << 4) | low);
            stays = Staying.Contains(octet);
            path = path[2..];
        }

        path = path[1..];
        return octet;
    }

    /// <summary>A path's text as it may stand in a request line or a field.</summary>
    internal static string Encode(string path)
    {
        var encoded = new StringBuilder(path.Length);
        foreach (byte octet in Encoding.UTF8.GetBytes(path))
        {
            _ = octet is > (byte)' ' and < 0x7F ? encoded.Append((char)octet) : encoded.Append('%').Append(octet.ToString("X2", null));
        }

        return encoded.ToString();
    }

    private static int Read(ReadOnlySpan<byte> target, Span<char> path, Span<byte> scratch, out bool leadsOut)
    {
        leadsOut = false;
        int query = target.IndexOf((byte)'?');
        ReadOnlySpan<byte> written = query < 0 ? target : target[..query];
        if (written.IsEmpty || written[0] != '/')
        {
            path[0] = '/';
            return 1;
        }

        int length = written.Contains((byte)'%') || !Ascii.IsValid(written) ? Decode(written, path, scratch) : Encoding.Latin1.GetChars(written, path);
        Span<char> text = path[..length];
        return text.IndexOf("/.") < 0 && text.IndexOf("//") < 0 ? length : Resolve(text, ref leadsOut);
    }

    private static int Decode(ReadOnlySpan<byte> path, Span<char> into, Span<byte> scratch)
    {
        int decoded = 0;
        while (!path.IsEmpty)
        {
            byte octet = Take(ref path, out bool stays);
            if (stays)
            {
                scratch[decoded++] = (byte)'%';
                scratch[decoded++] = (byte)HexDigit(octet >> 4);
                scratch[decoded++] = (byte)HexDigit(octet & 0xF);
            }
            else
            {
                scratch[decoded++] = octet;
            }
        }

        return ToText(scratch[..decoded], into);
    }

    private static int ToText(ReadOnlySpan<byte> octets, Span<char> into)
    {
        int written = 0;
        while (true)
        {
            OperationStatus status = Utf8.ToUtf16(octets, into[written..], out int read, out int chars, replaceInvalidSequences: false);
            written += chars;
            if (status == OperationStatus.Done)
            {
                return written;
            }

            into[written++] = '%';
            into[written++] = HexDigit(octets[read] >> 4);
            into[written++] = HexDigit(octets[read] & 0xF);
            octets = octets[(read + 1)..];
        }
    }

    private static int HexValue(byte digit) => char.IsAsciiHexDigit((char)digit) ? (digit & 0xF) + (9 * (digit >> 6)) : -1;

    private static char HexDigit(int value) => "0123456789ABCDEF"[value];

    // RFC 3986, 5.2.4, in place, by segments with the slash before each.
    private static int Resolve(Span<char> path, ref bool leadsOut)
    {
        int written = 0;
        int at = 0;
        while (at < path.Length)
        {
            int next = path[(at + 1)..].IndexOf('/');
            int end = next < 0 ? path.Length : at + 1 + next;
            ReadOnlySpan<char> segment = path[at..end];
            if (segment is "/" or "/." or "/..")
            {
                if (segment.Length == 3)
                {
                    leadsOut |= written == 0;
                    written = Math.Max(0, path[..written].LastIndexOf('/'));
                }

                if (end == path.Length)
                {
                    path[written++] = '/';
                }
            }
            else
            {
                segment.CopyTo(path[written..]);
                written += segment.Length;
            }

            at = end;
        }

        return written;
    }
}

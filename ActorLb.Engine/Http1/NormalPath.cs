using System.Buffers;
using System.Text;
using System.Text.Unicode;

namespace ActorLb.Engine.Http1;

/// <summary>
/// A target's path as routes are compared with it: what it means, however it is written (RFC 3986, 6.2.2). Percent-encoded
/// octets are decoded, but for a slash, which would divide another segment, and NUL; dot segments are resolved; slashes that
/// follow each other count as one, as most servers take them. Pure, and without cost where none of that is there.
/// </summary>
public static class NormalPath
{
    /// <summary>The path of a request line's target.</summary>
    public static string Of(string target)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(target);
        char[] path = new char[bytes.Length + 1];
        return new string(path, 0, Read(bytes, path, new byte[path.Length]));
    }

    /// <param name="target">Path and query as they stand in the request line.</param>
    /// <param name="path">Receives the path; as long as the target, and at least 1.</param>
    /// <param name="scratch">As long as well.</param>
    /// <returns>The path's length. It begins with a slash; the server itself, "*", is "/".</returns>
    public static int Read(ReadOnlySpan<byte> target, Span<char> path, Span<byte> scratch)
    {
        int query = target.IndexOf((byte)'?');
        ReadOnlySpan<byte> written = query < 0 ? target : target[..query];
        if (written.IsEmpty || written[0] != '/')
        {
            path[0] = '/';
            return 1;
        }

        int length = written.Contains((byte)'%') ? Decode(written, path, scratch) : Encoding.Latin1.GetChars(written, path);
        Span<char> text = path[..length];
        return text.IndexOf("/.") < 0 && text.IndexOf("//") < 0 ? length : Resolve(text);
    }

    private static int Decode(ReadOnlySpan<byte> path, Span<char> into, Span<byte> scratch)
    {
        int written = 0;
        for (int at = 0; at < path.Length; at++)
        {
            byte value = path[at];
            if (value == '%'
                && at + 2 < path.Length
                && Convert.FromHexString(path.Slice(at + 1, 2), scratch.Slice(written, 1), out _, out int one) == OperationStatus.Done
                && one == 1
                && scratch[written] is not ((byte)'/' or 0))
            {
                at += 2;
            }
            else
            {
                scratch[written] = value;
            }

            written++;
        }

        ReadOnlySpan<byte> decoded = scratch[..written];
        return Utf8.IsValid(decoded) ? Encoding.UTF8.GetChars(decoded, into) : Encoding.Latin1.GetChars(path, into);
    }

    // RFC 3986, 5.2.4, in place, by segments with the slash before each.
    private static int Resolve(Span<char> path)
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

using System.Text;
using ActorLb.Engine.Http1;
using ActorLb.Engine.Traffic;
using ActorLb.Shared.Routing;

namespace ActorLb.Engine.Forwarding;

/// <summary>
/// Finds the pool of a request. Routes see the path as it means: percent-decoded and without dot segments (RFC 3986,
/// 6.2.2), while the backend gets the target as it is. Belongs to one thread.
/// </summary>
internal sealed class RouteFinder(TrafficDirector director, MessageLimits limits)
{
    private readonly char[] _host = new char[limits.LineBytesMax + limits.FieldBytesMax];
    private readonly char[] _path = new char[limits.LineBytesMax + 1];
    private readonly byte[] _decoded = new byte[limits.LineBytesMax + 1];

    /// <summary>The pool, or null where no route fits.</summary>
    public PoolSnapshot? Find(ReadOnlySpan<byte> source, in RequestHead head)
    {
        if (director.OnlyPool is { } only)
        {
            return only;
        }

        int host = Encoding.Latin1.GetChars(head.Authority.Of(source), _host);
        return director.Route(_host.AsSpan(0, host), Path(head.Target.PathAndQuery.Of(source)));
    }

    /// <summary>The path that routes are compared with.</summary>
    /// <param name="target">Path and query as they stand in the request line.</param>
    internal ReadOnlySpan<char> Path(ReadOnlySpan<byte> target)
    {
        int query = target.IndexOf((byte)'?');
        ReadOnlySpan<byte> path = query < 0 ? target : target[..query];
        if (path.IsEmpty || path[0] != '/')
        {
            return "/";
        }

        bool isPlain = !path.Contains((byte)'%');
        int length = isPlain ? Encoding.Latin1.GetChars(path, _path) : Decode(path);
        Span<char> text = _path.AsSpan(0, length);
        return text.IndexOf("/.") < 0 ? text : text[..RemoveDotSegments(text)];
    }

    // %2F stays as it is: a slash that divides segments is another one than one within a segment.
    private int Decode(ReadOnlySpan<byte> path)
    {
        int written = 0;
        for (int at = 0; at < path.Length; at++)
        {
            byte value = path[at];
            if (value == '%'
                && at + 2 < path.Length
                && Convert.FromHexString(path.Slice(at + 1, 2), _decoded.AsSpan(written, 1), out _, out int one) == System.Buffers.OperationStatus.Done
                && one == 1
                && _decoded[written] is not ((byte)'/' or 0))
            {
                at += 2;
            }
            else
            {
                _decoded[written] = value;
            }

            written++;
        }

        ReadOnlySpan<byte> decoded = _decoded.AsSpan(0, written);
        return System.Text.Unicode.Utf8.IsValid(decoded)
            ? Encoding.UTF8.GetChars(decoded, _path)
            : Encoding.Latin1.GetChars(path, _path);
    }

    // RFC 3986, 5.2.4, in place.
    private static int RemoveDotSegments(Span<char> path)
    {
        int written = 0;
        int at = 0;
        while (at < path.Length)
        {
            int next = path[(at + 1)..].IndexOf('/');
            int end = next < 0 ? path.Length : at + 1 + next;
            ReadOnlySpan<char> segment = path[at..end];
            bool isLast = end == path.Length;
            if (segment is "/." or "/..")
            {
                if (segment.Length == 3)
                {
                    written = Math.Max(0, path[..written].LastIndexOf('/'));
                }

                if (isLast)
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

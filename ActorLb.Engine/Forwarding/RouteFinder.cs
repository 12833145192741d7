using System.Text;
using ActorLb.Engine.Http1;
using ActorLb.Engine.Traffic;

namespace ActorLb.Engine.Forwarding;

/// <summary>
/// Finds the pool of a request. Routes see the path as it means (<see cref="NormalPath"/>), while the backend gets the target
/// as it is. Belongs to one thread.
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
    internal ReadOnlySpan<char> Path(ReadOnlySpan<byte> target) => _path.AsSpan(0, NormalPath.Read(target, _path, _decoded));
}

using System.Text;
using ActorLb.Engine.Http1;
using ActorLb.Engine.Routing;
using ActorLb.Engine.Traffic;

namespace ActorLb.Engine.Forwarding;

/// <summary>
/// Finds the route of a request. Routes see the path as it means (<see cref="NormalPath"/>), while the backend gets the target
/// as it is. Belongs to one thread; has as much memory as the longest host and target so far.
/// </summary>
internal sealed class RouteFinder(TrafficDirector director)
{
    private const int CharsMin = 256;

    private char[] _host = new char[CharsMin];
    private char[] _path = new char[CharsMin];
    private byte[] _decoded = new byte[CharsMin];

    /// <summary>Where it leads; nowhere where no route fits.</summary>
    /// <param name="fields">The head's, as they were read from <paramref name="source"/>.</param>
    /// <param name="listener">The name of the one by which the request came.</param>
    public ChosenRoute Find(ReadOnlySpan<byte> source, in RequestHead head, ReadOnlySpan<HeaderField> fields, string listener)
    {
        if (director.Only is { IsNone: false } only)
        {
            return only;
        }

        ReadOnlySpan<byte> authority = head.Authority.Of(source);
        if (_host.Length < authority.Length)
        {
            _host = new char[2 * authority.Length];
        }

        int host = Encoding.Latin1.GetChars(authority, _host);
        return director.Route(
            _host.AsSpan(0, host), Path(head.Target.PathAndQuery.Of(source)), new RequestConditions(source, head.MethodName, fields, listener));
    }

    /// <summary>The path that routes are compared with.</summary>
    /// <param name="target">Path and query as they stand in the request line.</param>
    internal ReadOnlySpan<char> Path(ReadOnlySpan<byte> target)
    {
        int length = (NormalPath.CharsPerOctet * target.Length) + 1;
        if (_path.Length < length)
        {
            _path = new char[2 * length];
            _decoded = new byte[_path.Length];
        }

        return _path.AsSpan(0, NormalPath.Read(target, _path, _decoded));
    }
}

using System.Text;
using ActorLb.Engine.Failures;
using ActorLb.Shared.Settings;

namespace ActorLb.Engine.Filters;

/// <summary>Sends clients elsewhere. What it takes over of a target was checked when that was read: no line of a head can be made with it.</summary>
internal sealed class Redirect : IRequestFilter
{
    private readonly string[] _parts;
    private readonly byte[] _routePath;
    private readonly byte[] _lines;
    private readonly int _status;
    private readonly bool _takesRest;

    /// <param name="path">Of the route, which {rest} is without.</param>
    /// <param name="edits">Fields that go along; null: there are none.</param>
    public Redirect(RedirectSettings settings, string path, HeaderEdits? edits)
    {
        _lines = edits?.Lines ?? [];
        _status = settings.Status;
        _routePath = Encoding.UTF8.GetBytes(path.TrimEnd('/'));
        _parts = PlaceHolders.Split(settings.To);
        _takesRest = _parts.Contains(PlaceHolders.Rest);
    }

    public FilterVerdict Look(in FilteredRequest request)
    {
        // A path that means the same as the route's and is written otherwise has no rest that anybody could name.
        if (_takesRest && PathPrefix.LengthIn(PathOf(request), _routePath) < 0)
        {
            return new(FailureReason.BadTarget);
        }

        var location = new StringBuilder();
        foreach (string part in _parts)
        {
            location.Append(PlaceHolders.IsOne(part) ? Encoding.ASCII.GetString(ValueOf(part, request)) : part);
        }

        return new(FailureReason.AnsweredByRoute, new RouteAnswer(_status, [.. RouteAnswer.LinesOf(("Location", Local(location.ToString()))), .. _lines], []));
    }

    // "//host" leads to another host, and browsers read "/\" alike: a client is not to make one out of its own path.
    private string Local(string location) => _parts[0].StartsWith("//", StringComparison.Ordinal) || location is not ['/', '/' or '\\', ..]
        ? location
        : "/" + location.TrimStart('/', '\\');

    private ReadOnlySpan<byte> ValueOf(string name, in FilteredRequest request)
    {
        ReadOnlySpan<byte> target = request.Head.Target.PathAndQuery.Of(request.Source);
        int mark = target.IndexOf((byte)'?');
        ReadOnlySpan<byte> path = PathOf(request);
        return name switch
        {
            PlaceHolders.Scheme => request.IsSecure ? "https"u8 : "http"u8,
            PlaceHolders.Host => request.Head.Authority.Of(request.Source),
            PlaceHolders.Path => path.IsEmpty ? "/"u8 : path,

            // With its question mark, so that there is none where there is no query.
            PlaceHolders.Query => mark < 0 ? default : target[mark..],
            _ => path[PathPrefix.LengthIn(path, _routePath)..],
        };
    }

    private static ReadOnlySpan<byte> PathOf(in FilteredRequest request)
    {
        ReadOnlySpan<byte> target = request.Head.Target.PathAndQuery.Of(request.Source);
        int mark = target.IndexOf((byte)'?');
        return mark < 0 ? target : target[..mark];
    }
}

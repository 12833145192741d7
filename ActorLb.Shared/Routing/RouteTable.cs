using System.Collections.Immutable;
using ActorLb.Shared.Settings;

namespace ActorLb.Shared.Routing;

/// <summary>
/// Finds the route of a request, in the order of <see cref="RouteMatch.Precedence"/>: where the most exact one does not fit in
/// all that it says, the next one is looked at. The price does not grow with the number of routes, and no host or path can make
/// it look more often than the longest ones that are written have labels and lengths. Immutable.
/// </summary>
public sealed class RouteTable
{
    private readonly ImmutableArray<RouteSettings> _routes;
    private readonly Dictionary<string, RoutePaths> _names = new(StringComparer.OrdinalIgnoreCase);
    private readonly Dictionary<string, RoutePaths> _suffixes = new(StringComparer.OrdinalIgnoreCase);
    private readonly RoutePaths? _any;
    private readonly int _suffixDotsMax;
    private readonly int _suffixLengthMax;

    /// <param name="routes">As they are written, the first first.</param>
    public RouteTable(IEnumerable<RouteSettings> routes)
    {
        _routes = [.. routes];
        (RouteSettings Route, int Place)[] sorted = [.. _routes.Select((r, i) => (r, i)).Order(RouteMatch.Precedence)];
        foreach (IGrouping<string, (RouteSettings Route, int Place)> host in sorted.GroupBy(r => RouteMatch.HostName(r.Route.Host).ToString(), StringComparer.OrdinalIgnoreCase))
        {
            var paths = new RoutePaths(host);
            if (host.Key == RouteMatch.AnyHost)
            {
                _any = paths;
            }
            else if (RouteMatch.IsSuffix(host.Key))
            {
                string suffix = host.Key[1..];
                _suffixes.Add(suffix, paths);
                _suffixDotsMax = Math.Max(_suffixDotsMax, suffix.Count(c => c == '.'));
                _suffixLengthMax = Math.Max(_suffixLengthMax, suffix.Length);
            }
            else
            {
                _names.Add(host.Key, paths);
            }
        }
    }

    /// <summary>As they are written.</summary>
    public ImmutableArray<RouteSettings> Routes => _routes;

    /// <summary>The only route takes every request.</summary>
    public bool TakesEverything => _routes is [{ Host: RouteMatch.AnyHost, Path: RouteMatch.AnyPath, IsExact: false, IsConditional: false }];

    /// <summary>The place in <see cref="Routes"/> of the route that a request takes; negative where no route fits.</summary>
    /// <param name="host">The Host header with or without a port; compared without case (RFC 9110, 4.2.3).</param>
    /// <param name="path">The request's path; compared by whole segments, with case.</param>
    public int Find<T>(ReadOnlySpan<char> host, ReadOnlySpan<char> path, T conditions)
        where T : IRouteConditions, allows ref struct
    {
        ReadOnlySpan<char> name = RouteMatch.HostName(host);
        int found = -1;
        if (_names.Count > 0 && _names.GetAlternateLookup<ReadOnlySpan<char>>().TryGetValue(name, out RoutePaths? own))
        {
            found = own.Find(path, conditions);
        }

        if (found < 0 && _suffixes.Count > 0)
        {
            found = FindBySuffix(name, path, conditions);
        }

        return found >= 0 || _any is null ? found : _any.Find(path, conditions);
    }

    // From the longest suffix that any route has to the shortest.
    private int FindBySuffix<T>(ReadOnlySpan<char> name, ReadOnlySpan<char> path, T conditions)
        where T : IRouteConditions, allows ref struct
    {
        int at = name.Length;
        for (int dots = 0; dots < _suffixDotsMax && at > 0 && name[..at].LastIndexOf('.') is >= 0 and var dot; dots++)
        {
            at = dot;
        }

        for (Dictionary<string, RoutePaths>.AlternateLookup<ReadOnlySpan<char>> suffixes = _suffixes.GetAlternateLookup<ReadOnlySpan<char>>(); at < name.Length;)
        {
            // Something stands before the suffix.
            if (at > 0 && name.Length - at <= _suffixLengthMax && suffixes.TryGetValue(name[at..], out RoutePaths? paths) && paths.Find(path, conditions) is >= 0 and var found)
            {
                return found;
            }

            int next = name[(at + 1)..].IndexOf('.');
            at = next < 0 ? name.Length : at + 1 + next;
        }

        return -1;
    }
}

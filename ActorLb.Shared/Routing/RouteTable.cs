using System.Collections.Immutable;
using ActorLb.Shared.Settings;

namespace ActorLb.Shared.Routing;

/// <summary>Finds the pool of a request. Longest path first; with equal paths an exact host before a wildcard.</summary>
public sealed class RouteTable
{
    private readonly ImmutableArray<RouteSettings> _routes;

    public RouteTable(IEnumerable<RouteSettings> routes) =>
        _routes = [.. routes.Select(r => r.Host is [_, .., '.'] ? r with { Host = r.Host[..^1] } : r).OrderByDescending(r => r.Path.Length).ThenByDescending(r => HostRank(r.Host))];

    public ImmutableArray<RouteSettings> Routes => _routes;

    /// <summary>The first route takes every request.</summary>
    public bool TakesEverything => _routes is [{ Host: "*", Path: "/" }, ..];

    /// <summary>The place in <see cref="Routes"/> of the route that a request takes; negative where no route fits.</summary>
    /// <param name="host">The Host header with or without a port; compared without case (RFC 9110, 4.2.3).</param>
    /// <param name="path">The request's path; compared by whole segments, with case.</param>
    public int Find(ReadOnlySpan<char> host, ReadOnlySpan<char> path)
    {
        ReadOnlySpan<char> name = Name(host);
        for (int i = 0; i < _routes.Length; i++)
        {
            if (PathFits(_routes[i].Path, path) && HostFits(_routes[i].Host, name))
            {
                return i;
            }
        }

        return -1;
    }

    private static int HostRank(string host) =>
        host == "*" ? 0 : host.StartsWith("*.", StringComparison.Ordinal) ? host.Length : int.MaxValue;

    private static bool HostFits(string pattern, ReadOnlySpan<char> host)
    {
        if (pattern == "*")
        {
            return true;
        }

        return pattern.StartsWith("*.", StringComparison.Ordinal)
            ? host.Length >= pattern.Length && host.EndsWith(pattern.AsSpan(1), StringComparison.OrdinalIgnoreCase)
            : host.Equals(pattern, StringComparison.OrdinalIgnoreCase);
    }

    private static bool PathFits(string prefix, ReadOnlySpan<char> path) =>
        prefix == "/"
        || (path.StartsWith(prefix, StringComparison.Ordinal)
            && (prefix[^1] == '/' || path.Length == prefix.Length || path[prefix.Length] == '/'));

    private static ReadOnlySpan<char> Name(ReadOnlySpan<char> host)
    {
        int colon = host.LastIndexOf(':');
        ReadOnlySpan<char> name = colon >= 0 && host.IndexOf(']') < colon ? host[..colon] : host;

        // "name." is the same name, written to its root (RFC 1034, 3.1).
        return name is [_, .., '.'] ? name[..^1] : name;
    }
}

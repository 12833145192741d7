using ActorLb.Shared.Settings;

namespace ActorLb.Shared.Routing;

/// <summary>What a route says of one request, and which of two routes says more: the meaning that <see cref="RouteTable"/> is compiled from. Pure.</summary>
public static class RouteMatch
{
    /// <summary>For every host.</summary>
    public const string AnyHost = "*";

    /// <summary>Below every path.</summary>
    public const string AnyPath = "/";

    /// <summary>
    /// The more exact route before the less exact one: by host (a name, then the longest suffix, then any), by path (one path,
    /// then the longest prefix), then the one for some listeners, for some methods, with more headers; else the first in the file.
    /// </summary>
    public static Comparer<(RouteSettings Route, int Place)> Precedence { get; } = Comparer<(RouteSettings Route, int Place)>.Create(static (left, right) =>
    {
        (RouteSettings a, RouteSettings b) = (left.Route, right.Route);
        return Rank(b).CompareTo(Rank(a)) is not 0 and var byRank ? byRank : left.Place.CompareTo(right.Place);

        static (int, bool, int, bool, bool, int) Rank(RouteSettings route) =>
            (HostRank(route.Host), route.IsExact, route.Path.Length, !route.Listeners.IsEmpty, !route.Methods.IsEmpty, route.Headers.Length);
    });

    /// <summary>The name in a Host header, without port and without the dot that a name may end with (RFC 1034, 3.1).</summary>
    public static ReadOnlySpan<char> HostName(ReadOnlySpan<char> host)
    {
        int colon = host.LastIndexOf(':');
        ReadOnlySpan<char> name = colon >= 0 && host.IndexOf(']') < colon ? host[..colon] : host;
        return name is [_, .., '.'] ? name[..^1] : name;
    }

    /// <summary>Without case (RFC 9110, 4.2.3).</summary>
    /// <param name="host">As <see cref="HostName"/> gives it.</param>
    public static bool HostFits(RouteSettings route, ReadOnlySpan<char> host)
    {
        ReadOnlySpan<char> pattern = HostName(route.Host);
        return pattern is AnyHost
            || (IsSuffix(pattern) ? host.Length >= pattern.Length && host.EndsWith(pattern[1..], StringComparison.OrdinalIgnoreCase)
                : host.Equals(pattern, StringComparison.OrdinalIgnoreCase));
    }

    /// <summary>By whole segments, with case.</summary>
    public static bool PathFits(RouteSettings route, ReadOnlySpan<char> path) => route.IsExact
        ? path.SequenceEqual(route.Path)
        : route.Path == AnyPath
            || (path.StartsWith(route.Path, StringComparison.Ordinal)
                && (route.Path[^1] == '/' || path.Length == route.Path.Length || path[route.Path.Length] == '/'));

    internal static bool IsSuffix(ReadOnlySpan<char> pattern) => pattern.StartsWith("*.", StringComparison.Ordinal);

    private static int HostRank(string host) => host == AnyHost ? 0 : IsSuffix(host) ? HostName(host).Length : int.MaxValue;
}

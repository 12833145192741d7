using System.Collections.Immutable;
using System.Net;
using ActorLb.Engine.Http1;
using ActorLb.Shared.Settings;

namespace ActorLb.Node.Configuration.Sections;

/// <summary>
/// Finds cookies that browsers refuse, or never send back to their pool: their path or domain has nothing to do with
/// the routes that lead there (RFC 6265, 5.1.3, 5.1.4 and 5.3).
/// </summary>
internal static class CookieReach
{
    public static void Warn(
        ConfigurationCursor pools, ImmutableDictionary<string, PoolSettings> read, ImmutableArray<RouteSettings> routes)
    {
        foreach (PoolSettings pool in read.Values.Where(p => p.Affinity.Mode == AffinityMode.Cookie && !pools[p.Name]["affinity"].HasMistakes))
        {
            RouteSettings[] own = [.. routes.Where(r => r.PoolNames.Contains(pool.Name))];
            CookieSettings cookie = pool.Affinity.Cookie;
            string path = NormalPath.Of(cookie.Path);
            ConfigurationCursor keys = pools[pool.Name]["affinity"]["cookie"];
            if (own.Length > 0 && !own.Any(r => PathMeets(path, r.Path)))
            {
                keys["path"].Warn(
                    $"no route of this pool has a path below {cookie.Path}, so browsers never send the cookie back: {Written(own.Select(r => r.Path))}",
                    "path = \"/\", or one that its routes lie below");
            }
            else if (own.Where(r => !PathCovers(path, r.Path)).Select(r => r.Path).ToArray() is { Length: > 0 } outside)
            {
                keys["path"].Warn(
                    $"requests outside of {cookie.Path} come without the cookie, and each is a session of its own: {Written(outside)}",
                    "path = \"/\", or one that all of its routes lie below");
            }

            if (cookie.Domain.Length == 0 || own.Length == 0)
            {
                continue;
            }

            if (!own.Any(r => DomainMeets(cookie.Domain, r.Host)))
            {
                keys["domain"].Warn(
                    $"no route of this pool has a host in {cookie.Domain}, so browsers refuse the cookie: {Written(own.Select(r => r.Host))}",
                    "domain = \"\", or the domain of its routes");
            }
            else if (own.Where(r => !DomainMeets(cookie.Domain, r.Host)).Select(r => r.Host).ToArray() is { Length: > 0 } foreign)
            {
                keys["domain"].Warn(
                    $"hosts that are not in {cookie.Domain} cannot set the cookie, and browsers refuse it there: {Written(foreign)}",
                    "domain = \"\", or a domain that all of its routes are in");
            }
        }
    }

    /// <summary>Whether every request with this path prefix carries a cookie of the path.</summary>
    private static bool PathCovers(string cookie, string route) =>
        route == cookie
        || (route.StartsWith(cookie, StringComparison.Ordinal) && (cookie.EndsWith('/') || route[cookie.Length] == '/'))
        || cookie == route + "/";

    /// <summary>Whether some request with this path prefix carries it.</summary>
    private static bool PathMeets(string cookie, string route) => PathCovers(cookie, route) || PathCovers(route, cookie);

    /// <summary>Whether a host of the route may set a cookie of the domain.</summary>
    private static bool DomainMeets(string domain, string host)
    {
        if (host == "*")
        {
            return true;
        }

        // *.a.example may be any host below: also those of a domain below.
        string name = host.StartsWith("*.", StringComparison.Ordinal) ? host[2..] : host;
        return Within(name, domain) || (name.Length < host.Length && Within(domain, name));
    }

    private static bool Within(string host, string domain) =>
        host.Equals(domain, StringComparison.OrdinalIgnoreCase)
        || (host.EndsWith("." + domain, StringComparison.OrdinalIgnoreCase) && !IPAddress.TryParse(host, out _));

    private static string Written(IEnumerable<string> values) => string.Join(", ", values.Distinct());
}

using System.Collections.Immutable;
using ActorLb.Engine.Sessions;
using ActorLb.Shared.Settings;

namespace ActorLb.Node.Configuration.Sections;

/// <summary>Finds pools whose cookies a browser would mix up: same name and path, reached by the same host.</summary>
internal static class SharedCookies
{
    public static void Warn(
        ConfigurationCursor pools, ImmutableDictionary<string, PoolSettings> read, ImmutableArray<RouteSettings> routes)
    {
        PoolSettings[] sticky =
        [
            .. read.Values.Where(p => p.Affinity.Mode == AffinityMode.Cookie && !pools[p.Name]["affinity"].HasMistakes).OrderBy(p => p.Name, StringComparer.Ordinal),
        ];
        ILookup<string, string> hosts = routes.ToLookup(r => r.Pool, r => r.Host);
        for (int later = 1; later < sticky.Length; later++)
        {
            CookieSettings cookie = sticky[later].Affinity.Cookie;
            if (sticky.Take(later).FirstOrDefault(p => Collide(p, sticky[later], hosts)) is { } earlier)
            {
                pools[sticky[later].Name].Warn(
                    $"it shares the cookie {cookie.Name} with the pool {earlier.Name} on the same host, so their sessions overwrite each other",
                    "give each pool a name in affinity.cookie.name");
            }
        }
    }

    private static bool Collide(PoolSettings left, PoolSettings right, ILookup<string, string> hosts)
    {
        CookieSettings first = left.Affinity.Cookie;
        CookieSettings second = right.Affinity.Cookie;
        return (first.Name == second.Name || first.Name == TicketCookie.SecureNameOf(second) || TicketCookie.SecureNameOf(first) == second.Name)
            && first.Path == second.Path
            && first.Domain == second.Domain
            && (first.Domain.Length > 0 || hosts[left.Name].Any(l => hosts[right.Name].Any(r => Meet(l, r))));
    }

    private static bool Meet(string left, string right) =>
        left == "*"
        || right == "*"
        || left.Equals(right, StringComparison.OrdinalIgnoreCase)
        || Within(left, right)
        || Within(right, left);

    private static bool Within(string host, string pattern) =>
        pattern.StartsWith("*.", StringComparison.Ordinal) && host.EndsWith(pattern[1..], StringComparison.OrdinalIgnoreCase);
}

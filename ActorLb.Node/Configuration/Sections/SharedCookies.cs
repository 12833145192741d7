using System.Collections.Immutable;
using ActorLb.Engine.Sessions;
using ActorLb.Shared.Settings;

namespace ActorLb.Node.Configuration.Sections;

/// <summary>Finds pools whose tickets a client would mix up: cookies of the same name and path, or the same header, reached by the same host.</summary>
internal static class SharedCookies
{
    public static void Warn(
        ConfigurationCursor pools, ImmutableDictionary<string, PoolSettings> read, ImmutableArray<RouteSettings> routes)
    {
        PoolSettings[] sticky =
        [
            .. read.Values.Where(p => p.Affinity.IsSticky && !pools[p.Name]["affinity"].HasMistakes).OrderBy(p => p.Name, StringComparer.Ordinal),
        ];
        ILookup<string, RouteSettings> leading = routes.SelectMany(r => r.PoolNames.Select(p => (Pool: p, Route: r))).ToLookup(r => r.Pool, r => r.Route);
        for (int later = 1; later < sticky.Length; later++)
        {
            AffinitySettings affinity = sticky[later].Affinity;
            if (sticky.Take(later).FirstOrDefault(p => Collide(p, sticky[later], leading)) is { } earlier)
            {
                bool isHeader = affinity.Mode == AffinityMode.Header;
                pools[sticky[later].Name].Warn(
                    $"it shares the {(isHeader ? $"header {affinity.Header}" : $"cookie {affinity.Cookie.Name}")} with the pool {earlier.Name} on the same host, so their sessions overwrite each other",
                    $"give each pool a name in affinity.{(isHeader ? "header" : "cookie.name")}");
            }
        }
    }

    private static bool Collide(PoolSettings left, PoolSettings right, ILookup<string, RouteSettings> leading) =>
        left.Affinity.Mode == right.Affinity.Mode && left.Affinity.Mode switch
        {
            AffinityMode.Cookie => CookiesCollide(left, right, leading),
            AffinityMode.Header => left.Affinity.Header.Equals(right.Affinity.Header, StringComparison.OrdinalIgnoreCase) && Meet(left, right, leading, isOfDomain: false),
            _ => false,
        };

    private static bool CookiesCollide(PoolSettings left, PoolSettings right, ILookup<string, RouteSettings> leading)
    {
        CookieSettings first = left.Affinity.Cookie;
        CookieSettings second = right.Affinity.Cookie;
        return (first.Name == second.Name || first.Name == TicketCookie.SecureNameOf(second) || TicketCookie.SecureNameOf(first) == second.Name)
            && first.Path == second.Path
            && first.Domain == second.Domain
            && Meet(left, right, leading, isOfDomain: first.Domain.Length > 0);
    }

    // The sides of a split are one to their clients: a session is on one of them, and its ticket in place of any other's, unless
    // another route leads to one of them alone.
    private static bool Meet(PoolSettings left, PoolSettings right, ILookup<string, RouteSettings> leading, bool isOfDomain) =>
        leading[left.Name].Any(l => leading[right.Name].Any(r =>
            !(l.PoolNames.Contains(right.Name) && r.PoolNames.Contains(left.Name)) && (isOfDomain || Meet(l.Host, r.Host))));

    private static bool Meet(string left, string right) =>
        left == "*"
        || right == "*"
        || left.Equals(right, StringComparison.OrdinalIgnoreCase)
        || Within(left, right)
        || Within(right, left);

    private static bool Within(string host, string pattern) =>
        pattern.StartsWith("*.", StringComparison.Ordinal) && host.EndsWith(pattern[1..], StringComparison.OrdinalIgnoreCase);
}

using ActorLb.Engine.Filters;
using ActorLb.Engine.Http1;
using ActorLb.Shared.Routing;
using ActorLb.Shared.Settings;

namespace ActorLb.Node.Configuration.Sections;

/// <summary>Finds routes that are probably not meant as they are written.</summary>
internal static class RouteWarnings
{
    /// <param name="items">Where each was written.</param>
    public static void Warn(IReadOnlyList<ConfigurationCursor> items, IReadOnlyList<RouteSettings> routes)
    {
        for (int i = 0; i < routes.Count; i++)
        {
            RouteSettings route = routes[i];
            if (route.Path.Contains('*') && !items[i]["path"].IsDefault)
            {
                string below = route.Path[..route.Path.IndexOf('*')].TrimEnd('/');
                items[i]["path"].Warn("a star in a path is a star, and stands for nothing else", $"path = \"{(below.Length == 0 ? "/" : below)}\", which takes all below it as well");
            }

            if (route.Filters.Redirect is { } redirect && !items[i].HasMistakes)
            {
                WarnOf(redirect, items[i]["redirect"]["to"], i, routes);
            }
        }
    }

    private static void WarnOf(RedirectSettings redirect, ConfigurationCursor to, int place, IReadOnlyList<RouteSettings> routes)
    {
        RouteSettings route = routes[place];
        if (redirect.To.StartsWith("//", StringComparison.Ordinal))
        {
            to.Warn($"'{redirect.To}' leads to another host, by the scheme of the request", "https:// before it, or one slash");
        }
        else if (PathOf(redirect.To, route.Path) is { } path
            && RouteMatch.PathFits(route, path)
            && !routes.Where((r, i) => i != place && RouteMatch.PathFits(r, path) && RouteMatch.Precedence.Compare((r, i), (route, place)) < 0).Any())
        {
            to.Warn($"this leads to {path}, which takes the same route again, and clients go in circles", "a path that another route takes");
        }
    }

    // Of what leads to the same host; null: it leads elsewhere, or nobody can say.
    private static string? PathOf(string to, string routePath)
    {
        string local = to.StartsWith("{scheme}://{host}", StringComparison.Ordinal) ? to["{scheme}://{host}".Length..] : to;
        string path = local.Replace("{path}", routePath, StringComparison.Ordinal).Replace(PlaceHolders.Rest, "", StringComparison.Ordinal).Replace("{query}", "", StringComparison.Ordinal);
        path = path.Length == 0 ? "/" : path;
        return path[0] == '/' && !path.Contains('{') ? NormalPath.Of(path.Split('#')[0]) : null;
    }
}

using System.Collections.Immutable;
using ActorLb.Node.Configuration.Formats;
using ActorLb.Shared.Routing;
using ActorLb.Shared.Settings;

namespace ActorLb.Node.Configuration.Sections;

/// <summary>actorlb.routes. Without any, the only pool takes everything.</summary>
internal static class RouteReader
{
    private static readonly string[] Usual = ["GET", "HEAD", "POST", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE"];

    private const string HostExpected = "a host name without scheme and port, \"*.suffix\" or \"*\"";

    public static ImmutableArray<RouteSettings> ReadAll(
        ConfigurationCursor routes, ConfigurationCursor defaults, ConfigurationCursor pools, IReadOnlyList<string> listeners, ConfigurationEnvironment environment)
    {
        var users = new UsersFileReader(environment);
        RouteSettings template = Template(defaults, listeners, users);
        string[] names = [.. pools.Names];
        var read = ImmutableArray.CreateBuilder<RouteSettings>();
        var taken = new HashSet<string>(StringComparer.Ordinal);
        var items = new List<ConfigurationCursor>();
        foreach (ConfigurationCursor item in routes.Items(defaults))
        {
            RouteSettings route = Template(item, listeners, users);
            RouteFilterReader.Compare(item, route.Filters);
            if (!route.Filters.Answers)
            {
                route = item["pools"].Exists
                    ? route with { Shares = RouteShareReader.Read(item, pools, names) }
                    : route with { Pool = OneOf(item["pool"], "pool", names) };
            }

            // A placeholder in place of what is wrong says nothing of what was meant.
            if (!item["host"].IsWrong && !item["path"].IsWrong && !taken.Add(KeyOf(route)))
            {
                item.Complain(
                    $"host {route.Host} with path {route.Path} is routed twice{(route.IsConditional ? ", with the same methods, headers and listeners" : "")}",
                    "each host and path once for the same requests");
            }

            read.Add(route);
            items.Add(item);
        }

        RouteWarnings.Warn(items, read);
        if (read.Count == 0 && routes.Exists && names.Length == 1)
        {
            return [template with { Pool = names[0] }];
        }

        if (read.Count == 0 && names.Length > 1)
        {
            routes.Complain(
                $"there are {names.Length} pools and no route", $"routes = [ {{ host = \"*\", path = \"/\", pool = {names[0]} }}, … ]");
        }

        foreach (string unused in names.Where(n => read.Count > 0 && !routes.HasMistakes && !read.Any(r => r.PoolNames.Contains(n))))
        {
            pools[unused].Warn("no route leads to this pool", $"add {{ pool = {unused} }} with its host or path to routes");
        }

        return read.ToImmutable();
    }

    /// <summary>Everything that a route may have by default: all but its pool.</summary>
    private static RouteSettings Template(ConfigurationCursor route, IReadOnlyList<string> listeners, UsersFileReader users)
    {
        string path = route["path"].As<string>(RoutePath.Read, RoutePath.Expected, "/");
        return new(route["host"].As(ReadHost, HostExpected, "*"), path, "")
        {
            IsExact = route["path-type"].Choice(("prefix", false), ("exact", true)),
            Methods = [.. route["methods"].ItemsOrWords().Select(m => m.As<string>(ReadMethod, "a method such as GET", "")).Distinct()],
            Headers = [.. route["headers"].Items().Select(ReadHeader)],
            Filters = RouteFilterReader.Read(route, path, users),
            Listeners = [.. route["listeners"].ItemsOrWords().Select(l => OneOf(l, "listener", listeners)).Distinct()],
        };
    }

    // What two routes for the same requests have in common, in whatever order they say it.
    private static string KeyOf(RouteSettings route) => string.Join(
        '\n',
        [
            RouteMatch.HostName(route.Host).ToString().ToUpperInvariant(),
            route.Path,
            route.IsExact ? "exact" : "prefix",
            .. route.Methods.Order(StringComparer.Ordinal),
            "",
            .. route.Headers.Select(h => $"{h.Name.ToUpperInvariant()}:{h.Value ?? "*"}{(h.Value is null ? "" : "=")}").Order(StringComparer.Ordinal),
            "",
            .. route.Listeners.Order(StringComparer.Ordinal),
        ]);

    private static RouteHeader ReadHeader(ConfigurationCursor header) => new(
        header["name"].As<string>(ReadHeaderName, "the name of a header such as X-Beta", ""),
        header["value"].Exists ? header["value"].As<string>(ReadHeaderValue, "all of the header's value, in ASCII", "") : null);

    public static string OneOf(ConfigurationCursor key, string what, IReadOnlyList<string> names)
    {
        string expected = names.Count == 0 ? $"the name of a {what}" : "one of " + string.Join(", ", names);
        if (key.Text(expected) is not { } name)
        {
            return "";
        }

        if (names.Count > 0 && !names.Contains(name, StringComparer.Ordinal))
        {
            key.Complain($"there is no {what} '{name}'", NearestName.Of(name, names) is { } nearest ? $"'{nearest}'" : expected);
        }

        return name;
    }

    private static string? ReadMethod(string text, out string method)
    {
        method = text;
        return !Names.IsToken(text) ? $"'{text}' is no method"
            : Usual.Contains(text, StringComparer.OrdinalIgnoreCase) && !Usual.Contains(text, StringComparer.Ordinal) ? $"methods are told apart by case, and clients send no '{text}'"
            : null;
    }

    private static string? ReadHeaderName(string text, out string name)
    {
        name = text;
        return !Names.IsToken(text) ? $"'{text}' is no name of a header"
            : text.Equals("Host", StringComparison.OrdinalIgnoreCase) ? "Host has a key of its own, host"
            : null;
    }

    private static string? ReadHeaderValue(string text, out string value)
    {
        value = text.Trim();
        return value.AsSpan().ContainsAnyExceptInRange(' ', '~') ? "the value holds a line end, another control character, or a character beyond ASCII" : null;
    }

    private static string? ReadHost(string text, out string host)
    {
        host = Endpoints.InAscii(text) ?? text;
        string name = host.StartsWith("*.", StringComparison.Ordinal) ? host[2..] : host;
        return text == "*" || Endpoints.IsHost(name) ? null : $"'{text}' is no host";
    }
}

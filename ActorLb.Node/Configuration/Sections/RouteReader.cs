using System.Collections.Immutable;
using ActorLb.Node.Configuration.Formats;
using ActorLb.Shared.Settings;

namespace ActorLb.Node.Configuration.Sections;

/// <summary>actorlb.routes. Without any, the only pool takes everything.</summary>
internal static class RouteReader
{
    private const string HostExpected = "a host name without scheme and port, \"*.suffix\" or \"*\"";

    public static ImmutableArray<RouteSettings> ReadAll(
        ConfigurationCursor routes, ConfigurationCursor defaults, ConfigurationCursor pools)
    {
        RouteSettings template = Template(defaults);
        string[] names = [.. pools.Names];
        var read = ImmutableArray.CreateBuilder<RouteSettings>();
        foreach (ConfigurationCursor item in routes.Items(defaults))
        {
            RouteSettings route = Template(item) with { Pool = Pool(item["pool"], names) };
            if (read.Any(r => r.Path == route.Path && r.Host.Equals(route.Host, StringComparison.OrdinalIgnoreCase)))
            {
                item.Complain($"host {route.Host} with path {route.Path} is routed twice", "each host and path once");
            }

            read.Add(route);
        }

        if (read.Count == 0 && routes.Exists && names.Length == 1)
        {
            return [template with { Pool = names[0] }];
        }

        if (read.Count == 0 && names.Length > 1)
        {
            routes.Complain(
                $"there are {names.Length} pools and no route", $"routes = [ {{ host = \"*\", path = \"/\", pool = {names[0]} }}, … ]");
        }

        foreach (string unused in names.Where(n => read.Count > 0 && !routes.HasMistakes && read.All(r => r.Pool != n)))
        {
            pools[unused].Warn("no route leads to this pool", $"add {{ pool = {unused} }} with its host or path to routes");
        }

        return read.ToImmutable();
    }

    /// <summary>Everything that a route may have by default: all but its pool.</summary>
    private static RouteSettings Template(ConfigurationCursor route) =>
        new(route["host"].As(ReadHost, HostExpected, "*"), route["path"].UrlPath(), "");

    private static string Pool(ConfigurationCursor key, string[] names)
    {
        string expected = names.Length == 0 ? "the name of a pool" : "one of " + string.Join(", ", names);
        if (key.Text(expected) is not { } name)
        {
            return "";
        }

        if (names.Length > 0 && !names.Contains(name, StringComparer.Ordinal))
        {
            key.Complain($"there is no pool '{name}'", NearestName.Of(name, names) is { } nearest ? $"'{nearest}'" : expected);
        }

        return name;
    }

    private static string? ReadHost(string text, out string host)
    {
        host = text;
        string name = text.StartsWith("*.", StringComparison.Ordinal) ? text[2..] : text;
        return text == "*" || Endpoints.IsHost(name) ? null : $"'{text}' is no host";
    }
}

using ActorLb.Node.Topologies;
using ActorLb.Shared.Routing;
using ActorLb.Shared.Settings;

namespace ActorLb.Node.Admin;

/// <summary>Why a request takes a route or does not, in words for people. Pure.</summary>
internal static class RouteReasons
{
    /// <summary>What of a route that fits in host and path does not; null: all of it fits.</summary>
    /// <param name="listener">Null: nobody knows by which one it comes.</param>
    /// <param name="mayReadText">Who asks may know the values that a route wants.</param>
    public static string? Against(RouteSettings route, RouteQuestion question, string? listener, bool mayReadText = true)
    {
        if (!route.Listeners.IsEmpty && (listener is null || !route.Listeners.Contains(listener)))
        {
            return $"it is for listener {string.Join(", ", route.Listeners)}, and the request comes {(listener is null ? "by nobody knows which: --listener says it" : $"by {listener}")}";
        }

        if (!route.Methods.IsEmpty && !route.Methods.Contains(question.Method))
        {
            return $"it is for {string.Join(", ", route.Methods)}, and the request is {question.Method}";
        }

        return route.Headers.FirstOrDefault(h => !Has(question, h)) is { } missing
            ? $"the request has no header {missing.Name}{(missing.Value is null ? "" : $": {(mayReadText ? missing.Value : SettingTreeBuilder.SecretText)}")}"
            : null;
    }

    /// <summary>What makes it fit.</summary>
    public static string For(RouteSettings route)
    {
        string[] fits =
        [
            route.Host == RouteMatch.AnyHost ? "it takes every host" : route.Host.StartsWith("*.", StringComparison.Ordinal) ? "the host ends with its suffix" : "the host is its own",
            route.IsExact ? "the path is its own" : route.Path == RouteMatch.AnyPath ? "every path" : "the path is its own or below it",
            .. route.Listeners.IsEmpty ? Array.Empty<string>() : ["the listener is one of its own"],
            .. route.Methods.IsEmpty ? Array.Empty<string>() : ["the method is one of its own"],
            .. route.Headers.IsEmpty ? Array.Empty<string>() : ["the request has its headers"],
        ];
        return string.Join(", ", fits);
    }

    private static bool Has(RouteQuestion question, RouteHeader header) => question.Headers.Any(f =>
        f.Name.Equals(header.Name, StringComparison.OrdinalIgnoreCase) && (header.Value is null || f.Value == header.Value));
}

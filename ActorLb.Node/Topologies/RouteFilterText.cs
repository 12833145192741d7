using System.Globalization;
using ActorLb.Node.Configuration.Formats;
using ActorLb.Shared.Settings;

namespace ActorLb.Node.Topologies;

/// <summary>What a route does beside naming its pool, as it would be written. Pure.</summary>
internal static class RouteFilterText
{
    public static IEnumerable<string> Of(RouteFilterSettings filters)
    {
        foreach (string networks in (string[])[.. List("allow", [.. filters.Allow.Select(n => n.ToString())]), .. List("deny", [.. filters.Deny.Select(n => n.ToString())])])
        {
            yield return networks;
        }

        if (filters.RateLimit is { } limit)
        {
            string by = limit.By switch { RateLimitKey.Header => Quote($"header:{limit.Header}"), RateLimitKey.Route => "route", _ => "client-address" };
            yield return string.Create(
                CultureInfo.InvariantCulture, $"rate-limit {{ requests = {limit.Requests}, per = {Durations.Write(limit.Per)}, burst = {limit.Burst}, by = {by}{(limit.IsOfCluster ? ", scope = cluster" : "")} }}");
        }

        if (filters.ForwardAuth is { } auth)
        {
            string[] keys =
            [
                $"url = {Quote(auth.Url.AbsoluteUri)}",
                .. List("copy-headers", auth.CopyHeaders),
                $"timeout = {Durations.Write(auth.Timeout)}",
                .. auth.PassesUnasked ? ["when-unavailable = pass"] : Array.Empty<string>(),
            ];
            yield return $"auth {{ forward {{ {string.Join(", ", keys)} }} }}";
        }

        if (filters.BasicAuth is { } basic)
        {
            string[] keys = [$"users-file = {Quote(basic.UsersFile)}", $"realm = {Quote(basic.Realm)}", $"pass = {(basic.Passes ? "on" : "off")}"];
            yield return $"auth {{ basic {{ {string.Join(", ", keys)} }} }}";
        }

        RewriteSettings rewrite = filters.Rewrite;
        string[] parts = [.. Text("strip-prefix", rewrite.StripPrefix), .. Text("prefix", rewrite.Prefix), .. Text("host", rewrite.Host)];
        if (parts.Length > 0)
        {
            yield return $"rewrite {{ {string.Join(", ", parts)} }}";
        }

        foreach ((string key, HeaderEditSettings edits) in new[] { ("request-headers", filters.RequestHeaders), ("response-headers", filters.ResponseHeaders) })
        {
            if (edits != HeaderEditSettings.None)
            {
                yield return $"{key} {{ {string.Join(", ", [.. Fields("set", edits.Set), .. Fields("add", edits.Add), .. List("remove", edits.Remove)])} }}";
            }
        }

        if (filters.ResponseTimeout is { } response)
        {
            yield return $"timeout {{ response = {Durations.Write(response)} }}";
        }

        if (filters.BodyBytesMax is { } bytes)
        {
            yield return $"body-bytes-max = {ByteSizes.Write(bytes)}";
        }

        if (filters.Redirect is { } redirect)
        {
            yield return $"redirect {{ to = {Quote(redirect.To)}, status = {redirect.Status.ToString(CultureInfo.InvariantCulture)} }}";
        }

        if (filters.Respond is { } respond)
        {
            string status = $"status = {respond.Status.ToString(CultureInfo.InvariantCulture)}";
            yield return $"respond {{ {string.Join(", ", [status, .. Text("body", respond.Body), .. Text("content-type", respond.ContentType)])} }}";
        }
    }

    private static string Quote(string text) => SettingTreeBuilder.Quote(text);

    private static IEnumerable<string> Text(string key, string value) => value.Length == 0 ? [] : [$"{key} = {Quote(value)}"];

    private static IEnumerable<string> List(string key, EquatableArray<string> items) => items.IsEmpty ? [] : [$"{key} = [{string.Join(", ", items.Select(Quote))}]"];

    private static IEnumerable<string> Fields(string key, EquatableArray<RouteHeader> fields) =>
        fields.IsEmpty ? [] : [$"{key} {{ {string.Join(", ", fields.Select(f => $"{Quote(f.Name)} = {Quote(f.Value ?? "")}"))} }}"];
}

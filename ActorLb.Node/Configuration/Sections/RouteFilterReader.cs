using System.Net;
using System.Text;
using ActorLb.Engine.Filters;
using ActorLb.Node.Configuration.Formats;
using ActorLb.Shared.Settings;

namespace ActorLb.Node.Configuration.Sections;

/// <summary>What one of actorlb.routes does beside naming its pool.</summary>
internal static class RouteFilterReader
{
    private const string PoolTakes = "one of pool, pools, redirect and respond";

    /// <summary>Of the headers that one route sets and adds to a message: what a head has room for beside the client's own.</summary>
    private const int EditBytesMax = 8192;

    /// <summary>Of a fixed answer's body, which is written in one piece.</summary>
    private const int RespondBytesMax = 64 * 1024;

    /// <summary>Keys of which a route has one.</summary>
    private static readonly string[] Ends = ["pool", "pools", "redirect", "respond"];

    /// <summary>Keys that say something of what backends get and answer.</summary>
    private static readonly string[] OfBackends = ["rewrite", "request-headers", "timeout", "body-bytes-max"];

    private static readonly int[] Redirects = [301, 302, 303, 307, 308];

    /// <param name="path">The route's; a placeholder where that is wrong.</param>
    public static RouteFilterSettings Read(ConfigurationCursor route, string path, UsersFileReader users)
    {
        ConfigurationCursor body = route["body-bytes-max"];
        ConfigurationCursor response = route["timeout"]["response"];
        return new RouteFilterSettings
        {
            Allow = ReadAllowed(route["allow"]),
            Deny = ReadNetworks(route["deny"]),
            RateLimit = ReadLimit(route["rate-limit"]),
            ForwardAuth = RouteAuthReader.ReadForward(route["auth"]["forward"]),
            BasicAuth = RouteAuthReader.ReadBasic(route["auth"], users),
            Rewrite = ReadRewrite(route, path),
            RequestHeaders = ReadEdits(route["request-headers"]),
            ResponseHeaders = ReadEdits(route["response-headers"]),
            ResponseTimeout = response.Exists ? response.Duration(TimeSpan.Zero, TimeSpan.FromDays(1)) : null,
            BodyBytesMax = body.Exists ? body.Bytes(0, long.MaxValue) : null,
            Redirect = route["redirect"] is { Exists: true } redirect ? ReadRedirect(redirect) : null,
            Respond = route["respond"] is { Exists: true } respond ? ReadRespond(respond) : null,
        };
    }

    /// <summary>Complains of a route that leads to two ends, or does something to requests that go nowhere.</summary>
    public static void Compare(ConfigurationCursor route, RouteFilterSettings read)
    {
        string[] ends = [.. Ends.Where(k => route[k].Exists)];
        if (ends.Length > 1)
        {
            route[ends[1]].Complain($"this route has {string.Join(" and ", ends)}, and each of them ends it", PoolTakes);
        }

        if (!read.Answers)
        {
            return;
        }

        foreach (string key in OfBackends.Where(k => route[k] is { Exists: true, IsDefault: false }))
        {
            route[key].Warn("no backend is asked by this route, so there is nothing to change", $"leave {key} out");
        }
    }

    // What lets nobody in where it is written is not to let everybody in where it comes to nothing.
    private static EquatableArray<IPNetwork> ReadAllowed(ConfigurationCursor allow)
    {
        EquatableArray<IPNetwork> read = ReadNetworks(allow);
        if (read.IsEmpty && allow is { IsUnset: true, HasMistakes: false })
        {
            allow.Complain("allow would be empty: everybody would be let in", "the variable set, or no allow");
        }
        else if (read.IsEmpty && allow is { Exists: true, IsDefault: false, HasMistakes: false })
        {
            allow.Complain("this lets nobody in, and without it everybody may come", "addresses or networks, or no allow");
        }

        return read;
    }

    private static EquatableArray<IPNetwork> ReadNetworks(ConfigurationCursor networks) =>
    [
        .. networks.ItemsOrWords().Select(n => n.As<IPNetwork>(ListenerReader.ReadNetwork, "an address or a network, such as \"10.0.0.0/8\"", default)),
    ];

    private static RateLimitSettings? ReadLimit(ConfigurationCursor limit)
    {
        int requests = limit["requests"].Integer(0, 1_000_000);
        TimeSpan per = limit["per"].Duration(TimeSpan.FromMilliseconds(1), TimeSpan.FromDays(1));
        int burst = limit["burst"].Integer(0, 1_000_000);
        (RateLimitKey by, string header) = limit["by"].As<(RateLimitKey, string)>(ReadKey, "client-address, \"header:NAME\" or route", default);
        bool isOfCluster = limit["scope"].Choice(("node", false), ("cluster", true));
        if (requests == 0)
        {
            if (burst > 0 && !limit["burst"].IsDefault)
            {
                limit["burst"].Warn("without requests there is no limit", "requests = … beside it");
            }

            return null;
        }

        return new RateLimitSettings(requests, per, burst == 0 ? requests : burst, by, header) { IsOfCluster = isOfCluster };
    }

    private static RewriteSettings ReadRewrite(ConfigurationCursor route, string path)
    {
        ConfigurationCursor rewrite = route["rewrite"];
        string strip = rewrite["strip-prefix"] is { Exists: true } prefix ? prefix.As<string>(RoutePath.ReadOptional, RoutePath.Expected + ", or \"\"", "") : "";
        if (strip.Length > 0 && !rewrite.HasMistakes && !route["path"].IsWrong && !IsBelow(path, strip.TrimEnd('/')))
        {
            rewrite["strip-prefix"].Complain($"paths that this route takes begin with {path}, not with {strip}", $"the route's path, or a beginning of it by whole segments");
        }

        return new RewriteSettings(
            strip,
            rewrite["prefix"] is { Exists: true } added ? added.As<string>(ReadPrefix, "a path that begins with /, or \"\"", "") : "",
            rewrite["host"] is { Exists: true } host ? host.As<string>(ReadHost, "a host name, perhaps with a port, or \"\"", "") : "");
    }

    private static bool IsBelow(string path, string prefix) =>
        path.StartsWith(prefix, StringComparison.Ordinal) && (path.Length == prefix.Length || path[prefix.Length] == '/');

    private static HeaderEditSettings ReadEdits(ConfigurationCursor edits)
    {
        var read = new HeaderEditSettings(
            ReadFields(edits["set"]),
            ReadFields(edits["add"]),
            [.. edits["remove"].ItemsOrWords().Select(n => n.As<string>(ReadName, "the name of a header", "")).Distinct(StringComparer.OrdinalIgnoreCase)]);
        int bytes = read.Set.Concat(read.Add).Sum(f => f.Name.Length + f.Value!.Length + 4);
        if (bytes > EditBytesMax)
        {
            edits.Complain($"these headers are {bytes} bytes", $"{EditBytesMax} bytes at most: servers refuse longer heads");
        }

        return read;
    }

    private static EquatableArray<RouteHeader> ReadFields(ConfigurationCursor fields) =>
    [
        .. fields.Names.Select(name =>
        {
            ConfigurationCursor field = fields[name];
            if (ReadName(name, out _) is { } problem)
            {
                field.Complain(problem, "the name of a header of the application's");
            }

            return new RouteHeader(name, field.As<string>(ReadValue, "the header's value", ""));
        }),
    ];

    private static RedirectSettings ReadRedirect(ConfigurationCursor redirect) => new(
        redirect["to"].As<string>(ReadLocation, "a path or an address with http:// or https://, perhaps with {scheme}, {host}, {path}, {query} or {rest}", "/"),
        redirect["status"] is { Exists: true } status ? status.As<int>(ReadRedirectStatus, "301, 302, 303, 307 or 308", 308) : 308);

    private static RespondSettings ReadRespond(ConfigurationCursor respond)
    {
        ConfigurationCursor type = respond["content-type"];
        string body = respond["body"] is { Exists: true } text ? text.Text("the body, as a text") ?? "" : "";
        int status = respond["status"] is { Exists: true } code ? code.Integer(200, 599) : 200;
        if (Encoding.UTF8.GetByteCount(body) > RespondBytesMax)
        {
            respond["body"].Complain($"this is {Encoding.UTF8.GetByteCount(body)} bytes", $"{RespondBytesMax} bytes at most: larger pages are a server's");
        }

        if (body.Length > 0 && status is 204 or 205 or 304)
        {
            respond["body"].Complain($"an answer with {status} has no body (RFC 9110, 15)", "another status, or no body");
        }

        return new RespondSettings(
            status, body, type.Exists ? type.As<string>(ReadValue, "a media type such as application/json", "") : body.Length == 0 ? "" : "text/plain; charset=utf-8");
    }

    private static string? ReadKey(string text, out (RateLimitKey By, string Header) value)
    {
        string name = text.StartsWith("header:", StringComparison.Ordinal) ? text["header:".Length..].Trim() : "";
        value = name.Length > 0 ? (RateLimitKey.Header, name) : (text == "route" ? RateLimitKey.Route : RateLimitKey.ClientAddress, "");
        return text is "client-address" or "route" || Names.IsToken(name) ? null : $"'{text}' is nothing that requests can be told apart by";
    }

    private static string? ReadPrefix(string text, out string value)
    {
        value = text;
        return text.Length == 0 || (text.StartsWith('/') && Names.IsVisible(text) && !text.AsSpan().ContainsAny('#', '?')) ? null : $"'{text}' is no path";
    }

    private static string? ReadHost(string text, out string value)
    {
        int colon = text.LastIndexOf(':');
        string name = colon > text.LastIndexOf(']') ? text[..colon] : text;
        bool hasPort = name.Length == text.Length || (ushort.TryParse(text[(colon + 1)..], out ushort port) && port > 0);
        value = Endpoints.InAscii(name) is { } host ? host + text[name.Length..] : text;
        return text.Length == 0 || (hasPort && Endpoints.IsHost(value[..^(text.Length - name.Length)].Trim('[', ']'))) ? null : $"'{text}' is no host";
    }

    public static string? ReadName(string text, out string value)
    {
        value = text;
        return !Names.IsToken(text) ? $"'{text}' is no name of a header"
            : OwnFields.Problem(text);
    }

    // RFC 9110, 5.5: no control characters; what is beyond ASCII is read by each server as it likes.
    private static string? ReadValue(string text, out string value)
    {
        value = text.Trim();
        return value.AsSpan().ContainsAnyExceptInRange(' ', '~') ? "the value holds a line end, another control character, or a character beyond ASCII" : null;
    }

    private static string? ReadLocation(string text, out string value)
    {
        value = text;
        return PlaceHolders.Unknown(text) is { } unknown ? $"'{unknown}' is none of {string.Join(", ", PlaceHolders.All)}"
            : text.Length == 0 || !Names.IsVisible(text) ? $"'{text}' is no address"
            : text[0] is not ('/' or '{') && !text.StartsWith("http://", StringComparison.Ordinal) && !text.StartsWith("https://", StringComparison.Ordinal)
                ? $"'{text}' begins with neither / nor http:// nor https://"
            : null;
    }

    private static string? ReadRedirectStatus(string text, out int value) =>
        int.TryParse(text, out value) && Redirects.Contains(value) ? null : $"'{text}' is no status that leads elsewhere";
}

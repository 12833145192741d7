using ActorLb.Node.Dashboard;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;

namespace ActorLb.Node.Admin;

/// <summary>What the browser of somebody who logged in keeps, and sends back.</summary>
internal static class DashboardCookie
{
    /// <summary>
    /// With the page's half of its session. A browser lets no page of another site send it, and nobody who was sent the cookie has it: the cookie counts
    /// beside it alone, so that nothing that a browser adds by itself opens anything.
    /// </summary>
    public const string Header = "X-ActorLb-Dashboard";

    /// <summary>With the page's origin.</summary>
    public const string PageHeader = "X-ActorLb-Page";

    /// <summary>Null: there is no cookie, or not the half that belongs to it, or it is over.</summary>
    public static DashboardSession? SessionOf(HttpRequest request, DashboardSessions sessions) =>
        request.Headers.TryGetValue(Header, out var half) && request.Cookies[sessions.CookieName] is { } cookie ? sessions.Find(cookie, half.ToString()) : null;

    public static void Set(HttpContext context, string name, string value) => context.Response.Cookies.Append(name, value, Options(context, DashboardSessions.Longest));

    public static void Remove(HttpContext context, string name) => context.Response.Cookies.Append(name, "", Options(context, TimeSpan.Zero));

    // Without a path: the browser takes that of the log-in, which stands beside the page, whatever prefix a proxy put before both.
    private static CookieOptions Options(HttpContext context, TimeSpan age) => new()
    {
        HttpOnly = true,
        SameSite = SameSiteMode.Strict,
        Secure = IsSecure(context.Request),
        MaxAge = age,
        Path = null,
    };

    // A proxy that ends TLS speaks plain HTTP to us; the page says how it was got, by its origin, which browsers leave out of a GET, or by itself.
    private static bool IsSecure(HttpRequest request) =>
        request.IsHttps || IsOfTls(request.Headers.Origin) || IsOfTls(request.Headers[PageHeader]);

    private static bool IsOfTls(StringValues origin) => origin.ToString().StartsWith("https://", StringComparison.OrdinalIgnoreCase);
}

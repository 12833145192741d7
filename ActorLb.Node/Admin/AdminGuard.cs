using System.Net;
using ActorLb.Engine.Clients;
using ActorLb.Node.Dashboard;
using ActorLb.Node.Tokens;
using ActorLb.Shared.Settings;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace ActorLb.Node.Admin;

/// <summary>Who asks, and why he may not; both null where anybody may.</summary>
internal readonly record struct AdminVerdict(AdminToken? Caller, AdminProblem? Refusal);

/// <summary>
/// Who may use the admin API. With tokens: whoever sends one whose role is enough. Without any the API is on loopback only, and what
/// has to be kept out are browsers of this machine that work for somebody else. Nothing that a browser adds by itself opens
/// anything: the dashboard's cookie counts beside a header alone whose value only its own page has, and no page of another site may ask.
/// </summary>
internal sealed class AdminGuard(AdminTokens tokens, TokenGuesses guesses, DashboardSessions sessions)
{
    private const string Scheme = "Bearer ";
    private const string FetchSite = "Sec-Fetch-Site";

    public AdminVerdict Judge(HttpContext context)
    {
        HttpRequest request = context.Request;
        bool areNeeded = tokens.AreNeeded;
        if (RefuseForeignPage(request, areNeeded) is { } foreign)
        {
            return new AdminVerdict(null, foreign);
        }

        AdminToken? caller = null;
        if (areNeeded && RefuseWithoutToken(request, out caller) is { } unknown)
        {
            return new AdminVerdict(null, unknown);
        }

        if (caller is not null)
        {
            context.Features.Set(caller);
        }

        return new AdminVerdict(caller, RefuseWithoutRole(context.GetEndpoint(), caller));
    }

    /// <summary>Whether a request that was let in, and is still being answered, would be let in now.</summary>
    public bool StillMay(HttpContext context) =>
        !tokens.AreNeeded
        || (context.Features.Get<DashboardSession>() is { } session ? sessions.IsGood(session)
            : context.Features.Get<AdminToken>() is { } caller && tokens.Has(caller));

    /// <summary>Nobody needs a token here, and the name by which a page asks is not this machine's own: null where neither is so.</summary>
    public AdminProblem? RefuseForeignName(HttpRequest request) => tokens.AreNeeded || IsLoopback(request.Host.Host) ? null : AdminProblem.ForeignHost();

    // A page whose name was made to resolve to this machine (DNS rebinding) still sends its own name as Host. With tokens it has none.
    private static AdminProblem? RefuseForeignPage(HttpRequest request, bool areNeeded) =>
        RefuseForeignSite(request)
        ?? (areNeeded || IsLoopback(request.Host.Host) ? null : AdminProblem.ForeignHost())
        ?? RefuseForeignOrigin(request, areNeeded);

    // Browsers say from where a page asks (Fetch Metadata Request Headers, 2.2): nothing but its own pages, and what somebody
    // typed, has any business here. same-site is another port of this machine.
    private static AdminProblem? RefuseForeignSite(HttpRequest request)
    {
        foreach (string? site in request.Headers[FetchSite])
        {
            if (site is not ("same-origin" or "none"))
            {
                return AdminProblem.ForeignOrigin();
            }
        }

        return null;
    }

    // A browser adds Origin to every cross-site POST; "null" is what sandboxed pages and files send. Who needs a token may come
    // through a proxy that ends TLS: the scheme of its pages is not ours.
    private static AdminProblem? RefuseForeignOrigin(HttpRequest request, bool anyScheme)
    {
        foreach (string? origin in request.Headers.Origin)
        {
            if (!Uri.TryCreate(origin, UriKind.Absolute, out Uri? uri)
                || !string.Equals(uri.Host, request.Host.Host, StringComparison.OrdinalIgnoreCase)
                || uri.Port != (request.Host.Port ?? DefaultPort(anyScheme ? uri.Scheme : request.Scheme))
                || !(anyScheme || string.Equals(uri.Scheme, request.Scheme, StringComparison.OrdinalIgnoreCase)))
            {
                return AdminProblem.OtherOrigin();
            }
        }

        return null;
    }

    private AdminProblem? RefuseWithoutToken(HttpRequest request, out AdminToken? caller)
    {
        caller = null;
        string sent = request.Headers.Authorization.ToString();
        if (!sent.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase))
        {
            return RefuseWithoutSession(request, out caller);
        }

        IPAddress address = request.HttpContext.Connection.RemoteIpAddress ?? IPAddress.None;
        ClientKey client = ClientKey.Of(address);
        if (!guesses.TryTake(client))
        {
            return AdminProblem.TooManyGuesses(IPAddress.IsLoopback(address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address));
        }

        caller = tokens.Find(sent[Scheme.Length..].Trim());
        guesses.Settle(client, caller is not null);
        return caller is null ? AdminProblem.Unauthorized(sent: true) : null;
    }

    // Nobody guesses a tag of 256 bits: these are not counted.
    private AdminProblem? RefuseWithoutSession(HttpRequest request, out AdminToken? caller)
    {
        DashboardSession? session = DashboardCookie.SessionOf(request, sessions);
        caller = session?.Token;
        request.HttpContext.Features.Set(session);
        return session is null ? AdminProblem.Unauthorized(sent: false) : null;
    }

    // What no route says who may ask for is for nobody. What leads nowhere (404, 405) has no route.
    private static AdminProblem? RefuseWithoutRole(Endpoint? endpoint, AdminToken? caller)
    {
        if (endpoint?.Metadata.GetMetadata<AdminRoute>() is not { Role: { } role })
        {
            return endpoint is RouteEndpoint ? AdminProblem.NobodysRoute() : null;
        }

        return caller is not null && caller.Role < role ? AdminProblem.RoleMissing(caller, role) : null;
    }

    private static int DefaultPort(string scheme) => string.Equals(scheme, "https", StringComparison.OrdinalIgnoreCase) ? 443 : 80;

    private static bool IsLoopback(string host) =>
        string.Equals(host, "localhost", StringComparison.OrdinalIgnoreCase)
        || (IPAddress.TryParse(host.Trim('[', ']'), out IPAddress? address) && IPAddress.IsLoopback(address));
}

using System.Text.Json.Serialization;
using ActorLb.Engine;
using ActorLb.Node.Dashboard;
using ActorLb.Node.Tokens;
using ActorLb.Shared.Settings;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace ActorLb.Node.Admin;

/// <summary>The dashboard's page, and who is logged in there.</summary>
internal sealed class DashboardEndpoints(DataPlane plane, AdminTokens tokens, DashboardSessions sessions, AdminGuard guard, IFiguresDesk figures)
{
    private readonly DashboardFiles _files = DashboardFiles.Load();

    /// <param name="Name">Of the token; null: none is needed, or nobody is logged in.</param>
    /// <param name="Role">Null: nobody is logged in.</param>
    /// <param name="Tokens">Whether one is needed.</param>
    /// <param name="Until">When he has to log in again in any case; null: he need not, or has no session.</param>
    private sealed record Caller(string? Name, string? Role, bool Tokens, DateTimeOffset? Until)
    {
        /// <summary>What the page keeps, and sends with everything; said to who logs in, and to nobody else.</summary>
        [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
        public string? PageHalf { get; init; }
    }

    public void Map(IEndpointRouteBuilder routes)
    {
        routes.Map(AdminRoutes.Page, PageAsync);
        routes.Map(AdminRoutes.Asset, context => FileAsync(context, $"assets/{context.Request.RouteValues["file"]}"));
        routes.Map(AdminRoutes.Caller, CallerAsync);
        routes.Map(AdminRoutes.LogIn, LogInAsync);
        routes.Map(AdminRoutes.LogOut, LogOutAsync);
    }

    // Where the others are is for those alone who may ask for it: a page that was loaded before its log-in is loaded again.
    private async Task PageAsync(HttpContext context)
    {
        if (guard.RefuseForeignName(context.Request) is { } foreign)
        {
            await foreign.WriteAsync(context);
            return;
        }

        bool isKnown = !tokens.AreNeeded || (context.Request.Cookies[sessions.CookieName] is { } cookie && sessions.Find(cookie) is not null);
        GatheredFigures? gathered = isKnown ? await figures.NowAsync(context.RequestAborted) : null;
        await FileAsync(context, DashboardFiles.Page, gathered is null ? [] : [.. gathered.Nodes.Select(n => n.Admin)]);
    }

    private Task FileAsync(HttpContext context, string name, params string[] others)
    {
        if (!plane.Settings.Admin.Dashboard || _files.Find(name) is not { } file)
        {
            return AdminProblem.OfStatus(StatusCodes.Status404NotFound).WriteAsync(context);
        }

        PageHeaders.Set(context.Response.Headers, others);
        IHeaderDictionary headers = context.Response.Headers;
        headers.Vary = "Accept-Encoding";
        if (name == DashboardFiles.Page)
        {
            // Its policy says where other nodes are: browsers keep the first one with what 304 confirms.
            headers.CacheControl = "no-store";
        }
        else
        {
            headers.ETag = file.Tag;
        }

        if (headers.ETag.Count > 0 && context.Request.Headers.IfNoneMatch.ToString().Split(',', StringSplitOptions.TrimEntries).Contains(file.Tag))
        {
            context.Response.StatusCode = StatusCodes.Status304NotModified;
            return Task.CompletedTask;
        }

        bool isCompressed = context.Request.Headers.AcceptEncoding.ToString().Contains("gzip", StringComparison.OrdinalIgnoreCase);
        byte[] bytes = isCompressed ? file.Compressed : file.Bytes;
        if (isCompressed)
        {
            headers.ContentEncoding = "gzip";
        }

        context.Response.ContentType = file.Type;
        context.Response.ContentLength = bytes.Length;
        return HttpMethods.IsHead(context.Request.Method) ? Task.CompletedTask : context.Response.Body.WriteAsync(bytes, context.RequestAborted).AsTask();
    }

    // The page asks as long as somebody looks at it, and so its session goes on.
    private Task CallerAsync(HttpContext context)
    {
        context.Response.Headers.CacheControl = "no-store";
        if (guard.RefuseForeignName(context.Request) is { } foreign)
        {
            return foreign.WriteAsync(context);
        }

        DashboardSession? session = tokens.AreNeeded ? DashboardCookie.SessionOf(context.Request, sessions) : null;
        if (session is not null && sessions.Renew(session) is { } renewed)
        {
            DashboardCookie.Set(context, sessions.CookieName, renewed);
        }

        return AdminBody.WriteAsync(context, StatusCodes.Status200OK, tokens.AreNeeded && session is null ? new Caller(null, null, true, null) : Who(session?.Token, session));
    }

    // The token came as every other one does: what is wrong, or too often, was refused before.
    private Task LogInAsync(HttpContext context)
    {
        AdminToken? caller = CallerOf(context);
        if (!plane.Settings.Admin.Dashboard || caller is null)
        {
            return AdminProblem.NoLogIn(plane.Settings.Admin.Dashboard).WriteAsync(context);
        }

        if (context.Features.Get<DashboardSession>() is not null)
        {
            return AdminProblem.BadRequest("Whoever logs in sends a token.").WriteAsync(context);
        }

        DashboardSession session = KnownOf(context, caller) ?? Begin(context, caller);
        return AdminBody.WriteAsync(context, StatusCodes.Status200OK, Who(caller, session) with { PageHalf = sessions.HalfOf(session) });
    }

    // The page of another node of this host shares the cookie and not the half: with a new session, each log-in would end the other's.
    private DashboardSession? KnownOf(HttpContext context, AdminToken caller)
    {
        if (context.Request.Cookies[sessions.CookieName] is not { } cookie || sessions.Find(cookie) is not { } known || known.Token != caller)
        {
            return null;
        }

        if (sessions.Renew(known) is { } renewed)
        {
            DashboardCookie.Set(context, sessions.CookieName, renewed);
        }

        return known;
    }

    private DashboardSession Begin(HttpContext context, AdminToken caller)
    {
        string cookie = sessions.Begin(caller);
        DashboardCookie.Set(context, sessions.CookieName, cookie);
        return sessions.Find(cookie)!;
    }

    private Task LogOutAsync(HttpContext context)
    {
        if (context.Features.Get<DashboardSession>() is not { } session)
        {
            return AdminProblem.BadRequest("Nobody is logged in: a token is good until it is revoked.").WriteAsync(context);
        }

        figures.End(session);
        DashboardCookie.Remove(context, sessions.CookieName);
        return AdminBody.WriteAsync(context, StatusCodes.Status200OK, Who(session.Token, null));
    }

    private static AdminToken? CallerOf(HttpContext context) => context.Features.Get<AdminToken>();

    private static Caller Who(AdminToken? token, DashboardSession? session) => new(
        token?.Name, AdminProblem.WordOf(token?.Role ?? AdminRole.Operate), token is not null, session?.Ends);
}

using ActorLb.Shared.Settings;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace ActorLb.Node.Admin;

/// <summary>A request that the admin API knows, and who may make it. All of them are in <see cref="AdminRoutes"/>.</summary>
/// <param name="Role">That its token must have; null: it needs none.</param>
internal sealed record AdminRoute(string Method, string Pattern, AdminRole? Role)
{
    /// <summary>What it does, in the audit log's word; null: it changes nothing.</summary>
    public string? Action { get; init; }

    /// <summary>What it changes, where the audit log can say how that stood before and after.</summary>
    public AuditSubject Subject { get; init; }

    /// <summary>What it changes is whether its caller is logged in at the dashboard, and nothing else.</summary>
    public bool IsOfOwnSession { get; init; }

    /// <summary>What its query may say.</summary>
    public AdminQuery Query { get; init; } = AdminQuery.None;
}

/// <summary>Of what the audit log says how it stood before and after a change.</summary>
internal enum AuditSubject
{
    /// <summary>Whoever answers the request says it.</summary>
    None,

    /// <summary>The backend that the path names.</summary>
    Backend,

    /// <summary>What operators decided at run time.</summary>
    Overlays,

    /// <summary>The revision that counts, and what is in force.</summary>
    Topology,
}

/// <summary>Answers routes.</summary>
internal static class AdminRouteMapping
{
    /// <summary>The only way for the admin API to answer anything: what was mapped otherwise is refused, because nobody said who may ask for it. What can be
    /// got can be asked for by HEAD (RFC 9110, 9.3.2).</summary>
    public static void Map(this IEndpointRouteBuilder routes, AdminRoute route, RequestDelegate answer) =>
        routes.MapMethods(route.Pattern, route.Method == HttpMethods.Get ? [HttpMethods.Get, HttpMethods.Head] : [route.Method], answer).WithMetadata(route);
}

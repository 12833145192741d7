using System.Diagnostics;
using ActorLb.Shared.Settings;
using Microsoft.AspNetCore.Http;

namespace ActorLb.Node.Admin;

/// <summary>
/// What every request to the admin API goes through, in this order: what a browser may do with the answer, who asks and whether he may,
/// what the query says, a place, and where something is to change, the audit log. Endpoints know nothing of it, so none can leave a part out.
/// </summary>
internal sealed class AdminPipeline(AdminGuard guard, AuditLog audit, AuditSubjects subjects, ChangeSpans spans, Func<HttpContext, RequestDelegate, Task> pass)
{
    private const string RequestIdHeader = "X-Request-Id";

    public Task InvokeAsync(HttpContext context, RequestDelegate next)
    {
        AdminRoute? route = context.GetEndpoint()?.Metadata.GetMetadata<AdminRoute>();
        if (route is { Role: null })
        {
            return next(context);
        }

        Close(context.Response.Headers);
        context.Response.Headers[RequestIdHeader] = context.TraceIdentifier;
        (AdminToken? caller, AdminProblem? refusal) = guard.Judge(context);
        if (refusal is not null)
        {
            Challenge(context.Response.Headers, refusal);
            audit.Refused(context, route, caller, refusal);
            return refusal.WriteAsync(context);
        }

        AdminProblem? unread = route?.Query.Refuse(context.Request.Query);
        RequestDelegate answer = unread is null ? next : unread.WriteAsync;
        return route is { Action: not null } ? ChangeAsync(context, route, caller, answer) : pass(context, answer);
    }

    // No page may read it, show it in a frame or keep it.
    private static void Close(IHeaderDictionary headers)
    {
        headers.CacheControl = "no-store";
        headers.XContentTypeOptions = "nosniff";
        headers.ContentSecurityPolicy = "default-src 'none'; frame-ancestors 'none'";
        headers["Cross-Origin-Resource-Policy"] = "same-origin";
        headers["Referrer-Policy"] = "no-referrer";
    }

    // RFC 6750, 3 and 3.1.
    private static void Challenge(IHeaderDictionary headers, AdminProblem refusal)
    {
        if (refusal.Status == StatusCodes.Status401Unauthorized)
        {
            headers.WWWAuthenticate = refusal.IsWrongToken ? "Bearer realm=\"actorlb\", error=\"invalid_token\"" : "Bearer realm=\"actorlb\"";
        }
        else if (refusal.MissingRole is { } role)
        {
            headers.WWWAuthenticate = $"Bearer realm=\"actorlb\", error=\"insufficient_scope\", scope=\"{role}\"";
        }
        else if (refusal.Status == StatusCodes.Status429TooManyRequests)
        {
            headers.RetryAfter = "1";
        }
    }

    private async Task ChangeAsync(HttpContext context, AdminRoute route, AdminToken? caller, RequestDelegate next)
    {
        var entry = new AuditEntry(route, caller);
        context.Features.Set(entry);
        subjects.Find(entry, context);
        Activity? span = spans.Begin(context, entry);
        int? status = null;
        try
        {
            await pass(context, next);
            status = context.Response.StatusCode;
        }
        catch (Microsoft.AspNetCore.Http.BadHttpRequestException e)
        {
            status = e.StatusCode;
            throw;
        }
        catch (Exception) when (!context.RequestAborted.IsCancellationRequested)
        {
            status = StatusCodes.Status500InternalServerError;
            throw;
        }
        finally
        {
            status = context.RequestAborted.IsCancellationRequested && !context.Response.HasStarted ? null : status;
            audit.Ended(context, entry, status);
            if (span is not null)
            {
                spans.End(span, entry, status);
            }
        }
    }
}

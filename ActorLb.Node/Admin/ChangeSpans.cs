using System.Diagnostics;
using ActorLb.Engine.Traces;
using Microsoft.AspNetCore.Http;

namespace ActorLb.Node.Admin;

/// <summary>A span of each change that is asked for at the admin API: a part of the trace of whoever asks, where he has one.</summary>
internal static class ChangeSpans
{
    /// <returns>Null: nobody records it.</returns>
    public static Activity? Begin(SpanSource spans, HttpContext context, AdminRoute route)
    {
        IHeaderDictionary headers = context.Request.Headers;
        string name = $"admin.{route.Action}";
        return !spans.IsHeard ? null
            : ActivityContext.TryParse(headers.TraceParent, headers.TraceState, isRemote: true, out ActivityContext caller) ? spans.Begin(name, ActivityKind.Internal, caller)
            : spans.BeginAlone(name);
    }

    /// <param name="status">Null: whoever asked left before there was an answer.</param>
    public static void End(SpanSource spans, Activity span, AuditEntry entry, int? status)
    {
        span.SetTag("actorlb.target", entry.Target.Length == 0 ? null : entry.Target);
        span.SetTag("actorlb.token", entry.Caller?.Name);
        span.SetTag("http.response.status_code", status);
        if (entry.Problem is { } problem)
        {
            span.SetTag("error.type", problem);
            span.SetStatus(ActivityStatusCode.Error);
        }

        spans.End(span);
    }
}

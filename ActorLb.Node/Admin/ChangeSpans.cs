using System.Diagnostics;
using ActorLb.Engine.Traces;
using Microsoft.AspNetCore.Http;

namespace ActorLb.Node.Admin;

/// <summary>A span of each change that is asked for at the admin API: a part of the trace of whoever asks, where he has one.</summary>
/// <param name="began">Is told of each, while it is made.</param>
internal sealed class ChangeSpans(SpanSource spans, Action<AuditEntry, ActivityContext> began)
{
    /// <returns>Null: nobody records it.</returns>
    public Activity? Begin(HttpContext context, AuditEntry entry)
    {
        IHeaderDictionary headers = context.Request.Headers;
        string name = $"admin.{entry.Route.Action}";
        Activity? span = !spans.IsHeard ? null
            : ActivityContext.TryParse(headers.TraceParent, headers.TraceState, isRemote: true, out ActivityContext caller) ? spans.Begin(name, ActivityKind.Internal, caller)
            : spans.BeginAlone(name);
        if (span is not null)
        {
            began(entry, span.Context);
        }

        return span;
    }

    /// <param name="status">Null: whoever asked left before there was an answer.</param>
    public void End(Activity span, AuditEntry entry, int? status)
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

using System.Collections.Immutable;
using System.Text.Json;
using ActorLb.Engine;
using ActorLb.Node.Reloads;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace ActorLb.Node.Admin;

/// <summary>The admin API's route for reading the files again.</summary>
internal sealed class ReloadEndpoints(DataPlane plane, INodeView view, IReloads reloads)
{
    private const string AllNodes = "all";
    private const string Trial = "dry-run";

    /// <summary>A problem with what came of it on each node (RFC 9457, 3.2).</summary>
    private sealed record ReloadProblem(string Type, string Title, int Status, string Detail, IReadOnlyList<ReloadDocument.Result> Nodes);

    public void Map(IEndpointRouteBuilder routes) => routes.Map(AdminRoutes.Reload, async context =>
    {
        if (await AnswerAsync(context) is { } problem)
        {
            await problem.WriteAsync(context);
        }
    });

    private async Task<AdminProblem?> AnswerAsync(HttpContext context)
    {
        bool isTrial = context.Request.Query.ContainsKey(Trial);
        if (isTrial)
        {
            AuditEntry.Of(context)?.Tries();
        }

        try
        {
            Task<ImmutableArray<ReloadReport>> reload = context.Request.Query.ContainsKey(AllNodes)
                ? reloads.ReloadAllAsync(isTrial, AdminCaller.Of(context), context.RequestAborted)
                : OneAsync(isTrial, AdminCaller.Of(context), context.RequestAborted);
            await WriteAsync(context, await reload.WaitAsync(AdminEndpoints.DecisionTimeout, plane.Time, context.RequestAborted));
            return null;
        }
        catch (InvalidOperationException) when (view.Phase != NodePhase.Ready)
        {
            return AdminProblem.NotReady(view.Phase);
        }
        catch (TimeoutException)
        {
            return AdminProblem.NoAnswer();
        }
    }

    private async Task<ImmutableArray<ReloadReport>> OneAsync(bool isTrial, string who, CancellationToken cancellation) =>
        [await reloads.ReloadAsync(isTrial, who, cancellation)];

    private static Task WriteAsync(HttpContext context, ImmutableArray<ReloadReport> reports)
    {
        IReadOnlyList<ReloadDocument.Result> results = [.. reports.Select(ReloadDocument.Of)];
        if (AuditEntry.Of(context) is { } entry)
        {
            entry.Changes = [.. results.SelectMany(r => r.Changes.Select(c => results.Count > 1 ? c with { Key = $"{r.Node}: {c.Key}" } : c))];
        }

        string[] refused = [.. reports.Where(r => r.Outcome == ReloadOutcome.Refused).Select(r => r.Node)];
        string[] silent = [.. reports.Where(r => r.Outcome == ReloadOutcome.Silent).Select(r => r.Node)];
        ReloadReport? first = reports.FirstOrDefault(r => r.Outcome == ReloadOutcome.Refused);
        ReloadProblem? problem =
            first is { IsImpossible: false } ? new(
                "urn:actorlb:problem:bad-configuration",
                "The files have mistakes",
                StatusCodes.Status422UnprocessableEntity,
                $"Nothing has changed at {string.Join(", ", refused)}. {first.Mistakes[0].Text}",
                results)
            : first is not null ? new(
                "urn:actorlb:problem:cannot-run",
                "The node cannot run what the files say",
                StatusCodes.Status409Conflict,
                $"Nothing has changed at {string.Join(", ", refused)}. {first.Mistakes[0].Text}",
                results)
            : silent.Length > 0 ? new(
                "urn:actorlb:problem:no-answer",
                "Not all nodes answered in time",
                StatusCodes.Status504GatewayTimeout,
                $"What became of it at {string.Join(", ", silent)} is not known; it does no harm to ask again.",
                results)
            : null;
        if (problem is null)
        {
            return AdminBody.WriteAsync(context, StatusCodes.Status200OK, new ReloadDocument(results));
        }

        AuditEntry.Of(context)?.Failed(AdminProblem.NameOf(problem.Type, problem.Status));
        context.Response.StatusCode = problem.Status;
        context.Response.ContentType = AdminProblem.ContentType;
        return JsonSerializer.SerializeAsync(context.Response.Body, problem, AdminJson.Written, context.RequestAborted);
    }
}

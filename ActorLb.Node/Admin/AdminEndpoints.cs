using System.Text.Json;
using ActorLb.Engine;
using ActorLb.Engine.Routing;
using ActorLb.Shared.Backends;
using ActorLb.Shared.Messages;
using ActorLb.Shared.Sessions;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Logging;

namespace ActorLb.Node.Admin;

/// <summary>The routes of the admin API and what each answers.</summary>
internal sealed class AdminEndpoints(
    DataPlane plane, INodeView view, LiveDocument live, IOperatorDesk desk, NodeMetrics metrics, ILogger logger)
{
    /// <summary>How long a decision may take before the answer is 504: several times what a majority needs.</summary>
    public static readonly TimeSpan DecisionTimeout = TimeSpan.FromSeconds(10);

    private sealed record StateChange(string? Deadline, bool? Move, int? Rate);

    public void Map(IEndpointRouteBuilder routes)
    {
        MapProbes(routes);
        routes.Map(AdminRoutes.Metrics, metrics.WriteAsync);
        var status = new SharedDocument(
            plane.Time, async () => JsonSerializer.SerializeToUtf8Bytes(await live.StatusAsync(), AdminJson.Written));
        routes.Map(AdminRoutes.Status, async context =>
        {
            byte[] document = await status.GetAsync().WaitAsync(context.RequestAborted);
            context.Response.ContentType = "application/json";
            await context.Response.Body.WriteAsync(document, context.RequestAborted);
        });
        MapState(routes, AdminRoutes.Drain, OperatorState.Draining);
        MapState(routes, AdminRoutes.MakeReady, OperatorState.Ready);
        MapState(routes, AdminRoutes.Maintain, OperatorState.Maintenance);
    }

    /// <summary>What an orchestrator asks.</summary>
    public void MapProbes(IEndpointRouteBuilder routes)
    {
        routes.Map(AdminRoutes.Live, context => view.IsAlive
            ? context.Response.WriteAsync("alive\n", context.RequestAborted)
            : AdminProblem.NotAlive().WriteAsync(context));
        routes.Map(AdminRoutes.Ready, context => view.Phase != NodePhase.Ready ? AdminProblem.NotReady(view).WriteAsync(context)
            : plane.Memory.IsFull ? AdminProblem.OutOfMemory().WriteAsync(context)
            : context.Response.WriteAsync("ready\n", context.RequestAborted));
    }

    private void MapState(IEndpointRouteBuilder routes, AdminRoute route, OperatorState state) =>
        routes.Map(route, async context =>
        {
            if (await SetAsync(context, state) is { } problem)
            {
                await problem.WriteAsync(context);
            }
        });

    private async Task<AdminProblem?> SetAsync(HttpContext context, OperatorState state)
    {
        if (BackendPath.BackendOf(context) is not { } backend)
        {
            return AdminProblem.OfStatus(StatusCodes.Status404NotFound);
        }

        // What was decided about one that is gone can be taken back.
        bool endsDecision = state == OperatorState.Ready && view.Decisions.TryGetValue(backend, out OperatorDecision? decided) && decided.State != OperatorState.Ready;
        if (!plane.Routing.Pools.TryGetValue(backend.Pool, out PoolSnapshot? pool))
        {
            return endsDecision
                ? await DecideAsync(context, new SetBackendState(backend, state, null))
                : AdminProblem.UnknownPool(backend.Pool, plane.Routing.Pools.Keys);
        }

        if (!endsDecision && !pool.Backends.Any(b => b.Id == backend.Id))
        {
            return AdminProblem.UnknownBackend(backend.Pool, backend.Id, pool.Backends.Select(b => b.Id));
        }

        if (pool.Settings.OverrideOf(backend.Id)?.Removal is not null)
        {
            return AdminProblem.BackendRemoved(backend);
        }

        (StateChange? change, AdminProblem? unreadable) = await AdminBody.ReadAsync<StateChange>(context, "{\"deadline\":\"5m\",\"move\":true,\"rate\":200}");
        if (unreadable is not null)
        {
            return unreadable;
        }

        TimeSpan? drainFor = DrainDeadline.TryParse(change?.Deadline, out TimeSpan span) ? span : null;
        return change is not null && Mistake(change, state, drainFor) is { } mistake
            ? mistake
            : await DecideAsync(context, new SetBackendState(backend, state, drainFor) { Move = change?.Move == true, Rate = change?.Rate });
    }

    private static AdminProblem? Mistake(StateChange change, OperatorState state, TimeSpan? drainFor) => change switch
    {
        { Deadline: not null } when state != OperatorState.Draining => AdminProblem.BadRequest("Only drain takes a deadline."),
        { Deadline: { } text } when drainFor is null => AdminProblem.BadDeadline(text),
        { Move: not null } or { Rate: not null } when state != OperatorState.Draining => AdminProblem.BadRequest("Only drain moves sessions as it is told to."),
        { Rate: < 1 or > SessionMoves.RateMax } => AdminProblem.BadRate(change.Rate.Value),
        { Rate: not null, Move: not true } => AdminProblem.BadRequest("A rate says how fast sessions are moved: it goes with \"move\": true."),
        _ => null,
    };

    private async Task<AdminProblem?> DecideAsync(HttpContext context, SetBackendState change)
    {
        try
        {
            BackendStateSet set = await desk.SetAsync(change with { Who = AdminCaller.Of(context) }, context.RequestAborted)
                .WaitAsync(DecisionTimeout, plane.Time, context.RequestAborted);
            bool nobodyElse = change.State == OperatorState.Draining && plane.Routing.Pools.GetValueOrDefault(change.Backend.Pool) is { TakesNewSessions: false };
            Log.StateDecided(logger, change.Backend, change.State, set.Decision.Version, set.ByMajority);
            if (nobodyElse)
            {
                Log.DrainCannotEnd(logger, change.Backend);
            }

            await AdminBody.WriteAsync(
                context,
                set.ByMajority && set.NotInForce.IsEmpty ? StatusCodes.Status200OK : StatusCodes.Status202Accepted,
                DecisionDocument.Of(set) with { NobodyElse = nobodyElse, Note = change.State == OperatorState.Ready ? WhyNotReady(change.Backend) : null });
            return null;
        }
        catch (TimeoutException)
        {
            return AdminProblem.NoAnswer();
        }
        catch (Exception e) when (!context.RequestAborted.IsCancellationRequested && !context.Response.HasStarted)
        {
            Log.StateNotSet(logger, e, change.Backend, change.State);
            context.Response.Headers.RetryAfter = "1";
            return AdminProblem.Unavailable();
        }
    }

    // Nothing that an operator decided keeps it from new sessions, and it gets none all the same.
    private string? WhyNotReady(BackendName backend) =>
        plane.Routing.Pools.GetValueOrDefault(backend.Pool)?.Settings.Backends.FirstOrDefault(b => b.Id == backend.Id) switch
        {
            null => "it is not written, and so not there",
            { LeftAt: not null } => "it is not written any more, or no name leads to it, and leaves all the same",
            _ => null,
        };
}

using System.Collections.Immutable;
using ActorLb.Engine;
using ActorLb.Engine.Routing;
using ActorLb.Node.Configuration.Sections;
using ActorLb.Node.Overlays;
using ActorLb.Shared.Backends;
using ActorLb.Shared.Messages;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Logging;
using Formats = ActorLb.Node.Configuration.Formats;

namespace ActorLb.Node.Admin;

/// <summary>The admin API's routes for backends at run time, and for what operators decided against what is written.</summary>
internal sealed class BackendEndpoints(DataPlane plane, INodeView view, AuditSubjects subjects, IBackendDesk desk, IOperatorDesk states, ILogger logger)
{
    private const string AddExample = "{\"address\":\"http://10.0.0.7:8080\",\"id\":\"web-7\",\"weight\":2}";

    private sealed record Addition(string? Address, string? Id, int? Weight, bool? Backup);

    private sealed record Weighing(int? Weight);

    public void Map(IEndpointRouteBuilder routes)
    {
        routes.Map(AdminRoutes.AddBackend, context => AnswerAsync(context, AddAsync));
        routes.Map(AdminRoutes.RemoveBackend, context => AnswerAsync(context, RemoveAsync));
        routes.Map(AdminRoutes.WeighBackend, context => AnswerAsync(context, WeighAsync));
        routes.Map(AdminRoutes.ResetAll, context => AnswerAsync(context, ResetAsync));
        routes.Map(AdminRoutes.ResetPool, context => AnswerAsync(context, ResetAsync));
        routes.Map(AdminRoutes.ResetBackend, context => AnswerAsync(context, ResetAsync));
    }

    private async Task AnswerAsync(HttpContext context, Func<HttpContext, Task<AdminProblem?>> answer)
    {
        AdminProblem? problem;
        try
        {
            // One that starts may not have read yet what was decided.
            problem = view.Phase == NodePhase.Starting ? AdminProblem.NotReady(view.Phase) : await answer(context);
        }
        catch (BackendChangeException e)
        {
            problem = AdminProblem.Of(e);
        }
        catch (TimeoutException)
        {
            problem = AdminProblem.NoAnswer();
        }
        catch (Exception e) when (!context.RequestAborted.IsCancellationRequested && !context.Response.HasStarted && e is not Microsoft.AspNetCore.Http.BadHttpRequestException)
        {
            Log.BackendsNotDecided(logger, e);
            context.Response.Headers.RetryAfter = "1";
            problem = AdminProblem.Unavailable();
        }

        if (problem is not null)
        {
            await problem.WriteAsync(context);
        }
    }

    private async Task<AdminProblem?> AddAsync(HttpContext context)
    {
        (Addition? body, AdminProblem? unreadable) = await AdminBody.ReadAsync<Addition>(context, AddExample);
        if (unreadable is not null)
        {
            return unreadable;
        }

        if (body?.Address is not { } text)
        {
            return AdminProblem.BadRequest($"The body says where the backend is: {AddExample}.");
        }

        string pool = BackendPath.NamesOf(context)[0];
        if (!plane.Topology.Pools.ContainsKey(pool))
        {
            return AdminProblem.UnknownPool(pool, plane.Topology.Pools.Keys);
        }

        if (BackendReader.ReadServer(text, out Uri? address) is { } mistake)
        {
            return AdminProblem.BadAddress(mistake);
        }

        string id = body.Id ?? BackendReader.DefaultId(address!);
        if (AuditEntry.Of(context) is { } entry)
        {
            subjects.Concerns(entry, new BackendName(pool, id));
        }

        return Formats.Names.Read(id, out _) is { } wrong ? AdminProblem.BadRequest($"The id: {wrong}; it is {Formats.Names.Expected}.")
            : body.Weight is < 1 or > BackendReader.WeightMax ? AdminProblem.BadWeight(body.Weight.Value)
            : await ChangeAsync(context, new AddBackend(new BackendName(pool, id), address!, body.Weight) { IsBackup = body.Backup });
    }

    private async Task<AdminProblem?> RemoveAsync(HttpContext context)
    {
        string? deadline = context.Request.Query["deadline"];
        bool now = context.Request.Query.ContainsKey("now");
        return now && deadline is not null ? AdminProblem.BadRequest("It is removed now, or its sessions have until a deadline.")
            : deadline is not null && !DrainDeadline.TryParse(deadline, out _) ? AdminProblem.BadDeadline(deadline)
            : BackendPath.BackendOf(context) is not { } backend ? AdminProblem.OfStatus(StatusCodes.Status404NotFound)
            : await ChangeAsync(context, new RemoveBackend(backend, DrainDeadline.TryParse(deadline, out TimeSpan span) ? span : null, now));
    }

    private async Task<AdminProblem?> WeighAsync(HttpContext context)
    {
        (Weighing? body, AdminProblem? unreadable) = await AdminBody.ReadAsync<Weighing>(context, "{\"weight\":3}");
        return unreadable is not null ? unreadable
            : body?.Weight is not { } weight ? AdminProblem.BadRequest("The body says which weight: {\"weight\":3}.")
            : weight is < 1 or > BackendReader.WeightMax ? AdminProblem.BadWeight(weight)
            : BackendPath.BackendOf(context) is not { } backend ? AdminProblem.OfStatus(StatusCodes.Status404NotFound)
            : await ChangeAsync(context, new WeighBackend(backend, weight));
    }

    private async Task<AdminProblem?> ChangeAsync(HttpContext context, BackendChange change)
    {
        BackendsChanged changed = await DecideAsync(context, change);
        var documents = changed.Overlays.Select(c => Describe(changed, c));
        await AdminBody.WriteAsync(context, StatusOf(changed.ByMajority, changed.NotInForce), documents.First());
        return null;
    }

    private async Task<AdminProblem?> ResetAsync(HttpContext context)
    {
        string[] names = BackendPath.NamesOf(context);
        var reset = new ResetBackends(names.ElementAtOrDefault(0), names.ElementAtOrDefault(1));
        BackendName[] decided = [.. Decided(reset)];
        BackendsChanged changed;
        try
        {
            changed = await DecideAsync(context, reset);
        }
        catch (BackendChangeException e) when (e.Problem is "unknown-pool" or "unknown-backend" && decided.Length > 0)
        {
            // What is not there may have been drained before.
            changed = new BackendsChanged([], ByMajority: true) { Node = plane.Settings.Name, IsUnchanged = true };
        }

        BackendStateSet[] ready = await Task.WhenAll(decided.Select(b => states.SetAsync(new SetBackendState(b, OperatorState.Ready, null) { Who = AdminCaller.Of(context) }, context.RequestAborted)));
        ImmutableArray<string> notInForce = [.. changed.NotInForce.Concat(ready.SelectMany(r => r.NotInForce)).Distinct().Order(StringComparer.Ordinal)];
        bool confirmed = changed.ByMajority && ready.All(r => r.ByMajority);
        await AdminBody.WriteAsync(context, StatusOf(confirmed, notInForce), new ResetDocument(
            [.. changed.Overlays.Select(c => Describe(changed, c))],
            [.. ready.Select(r => r.Decision.Backend.ToString())],
            confirmed,
            [.. changed.NotOnDisk.Concat(ready.SelectMany(r => r.NotOnDisk)).Distinct().Order(StringComparer.Ordinal)],
            notInForce));
        return null;
    }

    private async Task<BackendsChanged> DecideAsync(HttpContext context, BackendChange change)
    {
        BackendsChanged changed = await desk.ChangeAsync(change with { Who = AdminCaller.Of(context) }, context.RequestAborted)
            .WaitAsync(AdminEndpoints.DecisionTimeout, plane.Time, context.RequestAborted);
        Log.BackendsDecided(logger, change, changed.ByMajority);
        return changed;
    }

    private IEnumerable<BackendName> Decided(ResetBackends reset) =>
        (from pool in plane.Routing.Pools.Values
         from backend in pool.Backends
         where DiffDocument.IsDecided(pool, backend)
         select new BackendName(pool.Name, backend.Id))
        .Concat(view.Decisions.Values.Where(d => DiffDocument.IsOfNoBackend(d, plane)).Select(d => d.Backend))
        .Where(b => (reset.Pool ?? b.Pool) == b.Pool && (reset.Id ?? b.Id) == b.Id);

    private BackendDocument Describe(BackendsChanged changed, ChangedBackend backend)
    {
        PoolSnapshot? pool = plane.Routing.Pools.GetValueOrDefault(backend.Backend.Pool);
        return BackendDocument.Of(changed, backend) with
        {
            Operator = pool?.Find(BackendKey.Of(backend.Backend.Id)) is { } there ? StatusDocument.Word(there.Operator) : "ready",
            NobodyElse = backend.Kind == OverlayKind.Removed && pool is { TakesNewSessions: false },
        };
    }

    private static int StatusOf(bool confirmed, ImmutableArray<string> notInForce) =>
        confirmed && notInForce.IsEmpty ? StatusCodes.Status200OK : StatusCodes.Status202Accepted;
}

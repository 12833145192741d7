using ActorLb.Engine;
using ActorLb.Engine.Routing;
using ActorLb.Engine.Traffic;
using ActorLb.Node.Sessions.Decisions;
using ActorLb.Node.Sessions.Ownership;
using ActorLb.Shared.Backends;
using ActorLb.Shared.Sessions;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Logging;

namespace ActorLb.Node.Admin;

/// <summary>
/// The admin API's routes for sessions. One is named by its id in the path; or the path says "cookie", and what its client presents is in
/// the field Session-Cookie: addresses are written into logs.
/// </summary>
internal sealed class SessionEndpoints(DataPlane plane, INodeView view, ISessionDesk desk, ILogger logger)
{
    public const string CookieField = "Session-Cookie";

    public const string CookieWord = "cookie";

    private const string MoveExample = "{\"to\":\"web-2\",\"from\":\"web-1\"}";

    private sealed record SessionThen(string State, string? Backend, uint Version);

    private sealed record Moving(string? To, string? From);

    public void Map(IEndpointRouteBuilder routes)
    {
        routes.Map(AdminRoutes.Sessions, context => AnswerAsync(context, ListAsync));
        routes.Map(AdminRoutes.Session, context => AnswerAsync(context, ShowAsync));
        routes.Map(AdminRoutes.EndSession, context => AnswerAsync(context, EndAsync));
        routes.Map(AdminRoutes.MoveSession, context => AnswerAsync(context, MoveAsync));
    }

    private async Task AnswerAsync(HttpContext context, Func<HttpContext, Task<AdminProblem?>> answer)
    {
        AdminProblem? problem;
        if (SessionId.TryParse((string?)context.Request.RouteValues["session"] ?? "", out SessionId named))
        {
            Names(context, PoolOf(context), named);
        }

        try
        {
            problem = view.Phase == NodePhase.Starting ? AdminProblem.NotReady(view.Phase)
                : PoolOf(context) is { } pool && !plane.Routing.Pools.ContainsKey(pool) ? AdminProblem.UnknownPool(pool, plane.Routing.Pools.Keys)
                : await answer(context);
        }
        catch (TimeoutException)
        {
            problem = AdminProblem.NoAnswer();
        }
        catch (Exception e) when (!context.RequestAborted.IsCancellationRequested && !context.Response.HasStarted && e is not BadHttpRequestException)
        {
            Log.SessionNotDecided(logger, e);
            context.Response.Headers.RetryAfter = "1";
            problem = AdminProblem.Unavailable();
        }

        if (problem is not null)
        {
            await problem.WriteAsync(context);
        }
    }

    private async Task<AdminProblem?> ListAsync(HttpContext context)
    {
        string? pool = PoolOf(context);
        string? backend = context.Request.Query["backend"];
        if (backend is not null && plane.Routing.Pools.Values.Where(p => (pool ?? p.Name) == p.Name).All(p => p.Find(BackendKey.Of(backend)) is null))
        {
            return AdminProblem.UnknownBackend(
                pool ?? "", backend, plane.Routing.Pools.Values.Where(p => (pool ?? p.Name) == p.Name).SelectMany(p => p.Backends.Select(b => b.Id)).Distinct());
        }

        await AdminBody.WriteAsync(
            context, StatusCodes.Status200OK, SessionsDocument.Of(plane, await desk.RatesAsync(context.RequestAborted), pool, backend));
        return null;
    }

    private async Task<AdminProblem?> ShowAsync(HttpContext context)
    {
        (Sought? sought, AdminProblem? problem) = await SeekAsync(context);
        if (sought is not { Binding: { } binding })
        {
            return problem ?? SessionProblems.Unknown(sought!.Id);
        }

        await AdminBody.WriteAsync(
            context, StatusCodes.Status200OK, SessionDocument.Of(plane, sought.Pool, binding, sought.Carried, sought.Found));
        return null;
    }

    private async Task<AdminProblem?> EndAsync(HttpContext context)
    {
        (Sought? sought, AdminProblem? problem) = await SeekAsync(context);
        if (sought is null)
        {
            return problem;
        }

        Concerns(context, sought);
        SessionDecided decided = await desk.EndAsync(new EndSession(sought.Pool.Name, sought.Id, sought.Binding), context.RequestAborted)
            .WaitAsync(AdminEndpoints.DecisionTimeout, plane.Time, context.RequestAborted);
        return await WriteAsync(context, sought.Pool, decided);
    }

    private async Task<AdminProblem?> MoveAsync(HttpContext context)
    {
        (Moving? body, AdminProblem? unreadable) = await AdminBody.ReadAsync<Moving>(context, MoveExample);
        if (unreadable is not null)
        {
            return unreadable;
        }

        (Sought? sought, AdminProblem? problem) = await SeekAsync(context);
        if (sought is not { Binding: { } binding })
        {
            return problem ?? SessionProblems.Unknown(sought!.Id);
        }

        Concerns(context, sought);
        if (body is not null)
        {
            AuditEntry.Of(context)?.Asked(body);
        }

        PoolSnapshot pool = sought.Pool;
        if (new[] { body?.To, body?.From }.OfType<string>().FirstOrDefault(id => pool.Find(BackendKey.Of(id)) is null) is { } unknown)
        {
            return AdminProblem.UnknownBackend(pool.Name, unknown, pool.Backends.Select(b => b.Id));
        }

        if (body?.To is { } to && !OperatorMovePolicy.MayTake(pool.Find(BackendKey.Of(to))))
        {
            return SessionProblems.TakesNone(pool.Find(BackendKey.Of(to))!, pool.Name);
        }

        var move = new MoveSessionTo(pool.Name, binding, KeyOf(body?.From), KeyOf(body?.To)) { Who = AdminCaller.Of(context) };
        return await WriteAsync(
            context, pool, await desk.MoveAsync(move, context.RequestAborted).WaitAsync(AdminEndpoints.DecisionTimeout, plane.Time, context.RequestAborted));
    }

    private async Task<AdminProblem?> WriteAsync(HttpContext context, PoolSnapshot pool, SessionDecided decided)
    {
        switch (decided.Outcome)
        {
            case SessionOutcome.HasEnded:
                return SessionProblems.HasEnded(decided.Now.Id);
            case SessionOutcome.NobodyTakesIt:
                return SessionProblems.NobodyTakesIt(pool.Name);
            case SessionOutcome.NoPlace:
                return SessionProblems.NoPlace(pool.Name);
        }

        var document = SessionDecisionDocument.Of(pool, plane.Settings.Name, decided);
        Log.SessionDecided(logger, document.Id, document.Pool, document.Outcome, document.Confirmed);
        await AdminBody.WriteAsync(
            context, decided.ByMajority && decided.NotInForce.IsEmpty ? StatusCodes.Status200OK : StatusCodes.Status202Accepted, document);
        return null;
    }

    /// <summary>Which session is meant, and what the nodes know of it.</summary>
    private async Task<(Sought? Sought, AdminProblem? Problem)> SeekAsync(HttpContext context)
    {
        string? pool = PoolOf(context);
        string named = (string)context.Request.RouteValues["session"]!;
        if (named != CookieWord)
        {
            if (!SessionId.TryParse(named, out SessionId id))
            {
                return (null, SessionProblems.BadId());
            }

            return await FindAsync(pool, id, null, context.RequestAborted);
        }

        string text = context.Request.Headers[CookieField].ToString();
        if (text.Length == 0)
        {
            return (null, SessionProblems.NoCookie());
        }

        var kind = PresentedSessionKind.Unreadable;
        foreach (PoolSnapshot of in plane.Routing.Pools.Values.Where(p => (pool ?? p.Name) == p.Name))
        {
            PresentedSessionResult result = PresentedSession.Find(of, text);
            if (result.Kind == PresentedSessionKind.Genuine)
            {
                Names(context, of.Name, result.Id);
                return await FindAsync(of.Name, result.Id, result.Carried, context.RequestAborted);
            }

            kind = result.Kind > kind ? result.Kind : kind;
        }

        return (null, SessionProblems.Of(kind, text));
    }

    private async Task<(Sought? Sought, AdminProblem? Problem)> FindAsync(string? pool, SessionId id, Binding? carried, CancellationToken cancellation)
    {
        SessionSought found = await desk.FindAsync(new SeekSession(pool, id), cancellation);
        string[] pools = [.. found.Nodes.SelectMany(n => n.Known.Select(k => k.Pool)).Distinct().Where(plane.Routing.Pools.ContainsKey)];
        if (pool is null && pools.Length != 1)
        {
            return (null, pools.Length == 0 ? SessionProblems.Unknown(id) : SessionProblems.OfSeveralPools(pools));
        }

        PoolSnapshot of = plane.Routing.Pools[pool ?? pools[0]];
        Binding[] known = [.. found.Nodes.SelectMany(n => n.Known.Where(k => k.Pool == of.Name).Select(k => k.Binding))];
        if (known.Length == 0 && carried is { } ticket && ticket.IsExpired(plane.Clock.Ending, of.Settings.Affinity.IdleTimeout))
        {
            return (null, SessionProblems.TooOld(ticket, of.Settings.Affinity.IdleTimeout));
        }

        IEnumerable<Binding> all = carried is { } also ? known.Append(also) : known;
        Binding? binding = all.Any() ? all.Aggregate((one, other) => Binding.Merge(one, other)) : null;
        return (new Sought(of, id, binding, carried, found), null);
    }

    private static void Names(HttpContext context, string? pool, SessionId id) =>
        AuditEntry.Of(context)?.Names(pool is null ? id.ToString() : $"{pool}/{id}");

    private static void Concerns(HttpContext context, Sought sought) => AuditEntry.Of(context)?.Concerns(
        $"{sought.Pool.Name}/{sought.Id}",
        () => (sought.Pool.Table.TryGet(sought.Id, out Binding known) ? known : sought.Carried) is { } binding
            ? new SessionThen(binding.IsEnded ? "ended" : "bound", sought.Pool.Find(binding.Backend)?.Id, binding.IsEnded ? 0 : binding.Version)
            : null);

    private static string? PoolOf(HttpContext context) => context.Request.Query["pool"] is [{ } pool] ? pool : null;

    private static BackendKey KeyOf(string? id) => id is null ? BackendKey.None : BackendKey.Of(id);

    /// <param name="Binding">Where it lives by all that is known; null: nobody knows it.</param>
    /// <param name="Carried">As the presented ticket says.</param>
    private sealed record Sought(PoolSnapshot Pool, SessionId Id, Binding? Binding, Binding? Carried, SessionSought Found);
}

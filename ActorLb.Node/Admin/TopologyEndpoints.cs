using System.Collections.Immutable;
using ActorLb.Node.Reloads;
using System.Globalization;
using System.Text;
using System.Text.Json;
using ActorLb.Engine;
using ActorLb.Node.Revisions;
using ActorLb.Node.Topologies;
using ActorLb.Shared.Settings;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Logging;

namespace ActorLb.Node.Admin;

/// <summary>The admin API's routes for topologies that are given to the cluster.</summary>
internal sealed class TopologyEndpoints(DataPlane plane, INodeView view, IRevisions revisions, IReloads reloads, ILogger logger)
{
    private const string Trial = "dry-run";
    private const string Release = "release";
    private const string Nodes = "nodes";
    private const string Json = "json";
    private const string TextType = "text/plain; charset=utf-8";

    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>A little more than a change takes at most, its wait for others included.</summary>
    private static readonly TimeSpan AnswerTimeout = RevisionApply.Longest + TimeSpan.FromSeconds(1);

    public void Map(IEndpointRouteBuilder routes)
    {
        routes.Map(AdminRoutes.Export, ExportAsync);
        routes.Map(AdminRoutes.Apply, context => AnswerAsync(context, ApplyAsync));
        routes.Map(AdminRoutes.History, context =>
            AdminBody.WriteAsync(context, StatusCodes.Status200OK, HistoryDocument.Of(plane.Settings.Name, revisions.Status)));
        routes.Map(AdminRoutes.Revision, context => AnswerAsync(context, ShowAsync));
        routes.Map(AdminRoutes.Diff, context => AnswerAsync(context, DiffAsync));
        routes.Map(AdminRoutes.Route, context => AnswerAsync(context, RouteAsync));
        routes.Map(AdminRoutes.RollBack, context => AnswerAsync(context, RollBackAsync));
    }

    /// <summary>Which route a request would take.</summary>
    private async Task<AdminProblem?> RouteAsync(HttpContext context)
    {
        RouteQuestion question = RouteQuestion.Of(context.Request.Query);
        if (question.Mistake is { } mistake)
        {
            return AdminProblem.BadRequest(mistake);
        }

        Topology topology = plane.Topology;
        if (question.MistakeIn(topology) is { } unknown)
        {
            return AdminProblem.BadRequest(unknown);
        }

        await AdminBody.WriteAsync(context, StatusCodes.Status200OK, RouteDocument.Of(plane.Settings.Name, topology, question, MayReadText(context)));
        return null;
    }

    /// <summary>Of two revisions, of one and what is in force, of this node and the others, or of what operators decided and what is written.</summary>
    private async Task<AdminProblem?> DiffAsync(HttpContext context)
    {
        string from = context.Request.Query["from"].ToString();
        string to = context.Request.Query["to"].ToString();
        if (context.Request.Query.ContainsKey(Nodes))
        {
            if (from.Length + to.Length > 0)
            {
                return AdminProblem.BadRequest("A diff is of revisions (?from=N, ?from=N&to=M) or of nodes (?nodes).");
            }

            ImmutableArray<NodeComparison> nodes = await reloads.CompareAsync(context.RequestAborted).WaitAsync(AdminEndpoints.DecisionTimeout, plane.Time, context.RequestAborted);
            await AdminBody.WriteAsync(
                context, StatusCodes.Status200OK, NodesDiffDocument.Of(
                    plane.Settings.Name, view.Fingerprint, view.Revisions, nodes.Select(n => n with { Differences = [.. Shown(context, n.Differences)] })));
            return null;
        }

        if (from.Length == 0 && to.Length > 0)
        {
            return AdminProblem.BadRequest("A diff of revisions is from one of them: ?from=N, or ?from=N&to=M.");
        }

        if (from.Length == 0)
        {
            // One that starts may not have read yet what was decided.
            if (view.Phase == NodePhase.Starting)
            {
                return AdminProblem.NotReady(view);
            }

            await AdminBody.WriteAsync(context, StatusCodes.Status200OK, DiffDocument.Of(plane, view, Shown(context, view.OverlayDifferences)));
            return null;
        }

        if (Find(from, out Revision? first) is { } unknown)
        {
            return unknown;
        }

        Revision? second = null;
        if (to.Length > 0 && Find(to, out second) is { } problem)
        {
            return problem;
        }

        var (differences, mistakes) = await Task.Run(() => revisions.Between(first!, second));
        if (!mistakes.IsEmpty)
        {
            return AdminProblem.UnreadableRevision(string.Join("; ", mistakes));
        }

        await AdminBody.WriteAsync(context, StatusCodes.Status200OK, RevisionDiffDocument.Of(from, to.Length > 0 ? to : null, Shown(context, differences)));
        return null;
    }

    private static IEnumerable<SettingDifference> Shown(HttpContext context, IEnumerable<SettingDifference> differences) =>
        MayReadText(context) ? differences : differences.Select(WithheldValues.In);

    // Where nobody needs a token there is no caller, and all may.
    private static bool MayReadText(HttpContext context) => context.Features.Get<AdminToken>() is not { } caller || caller.Role >= AdminRoutes.Export.Role;

    private async Task AnswerAsync(HttpContext context, Func<HttpContext, Task<AdminProblem?>> answer)
    {
        AdminProblem? problem;
        try
        {
            problem = view.Phase == NodePhase.Ready || HttpMethods.IsGet(context.Request.Method) ? await answer(context) : AdminProblem.NotReady(view);
        }
        catch (TimeoutException)
        {
            problem = context.Request.Query.ContainsKey(Trial) ? AdminProblem.TrialTooLong() : AdminProblem.NoRevisionAnswer();
        }
        catch (Exception e) when (!context.RequestAborted.IsCancellationRequested && !context.Response.HasStarted && e is not BadHttpRequestException)
        {
            Log.TopologyNotGiven(logger, e);
            context.Response.Headers.RetryAfter = "1";
            problem = AdminProblem.Unavailable();
        }

        if (problem is not null)
        {
            await problem.WriteAsync(context);
        }
    }

    private Task ExportAsync(HttpContext context)
    {
        if (context.Request.Query.ContainsKey(Json))
        {
            context.Response.Headers.ETag = TagOf(revisions.Status.History.Head?.Id);
            return AdminBody.WriteAsync(context, StatusCodes.Status200OK, new ExportDocument(
                plane.Settings.Name,
                revisions.Status is { Problem: null, History.Head: { IsRelease: false } head } ? head.Id.Number : null,
                RevisionDocument.Written(view.Fingerprint),
                revisions.Export()));
        }

        context.Response.ContentType = TextType;
        context.Response.Headers.ETag = TagOf(revisions.Status.History.Head?.Id);
        return context.Response.WriteAsync(revisions.Export(), context.RequestAborted);
    }

    private async Task<AdminProblem?> ShowAsync(HttpContext context)
    {
        if (Find((string)context.Request.RouteValues["n"]!, out Revision? found) is { } unknown)
        {
            return unknown;
        }

        await AdminBody.WriteAsync(
            context, StatusCodes.Status200OK, HistoryDocument.EntryOf(revisions.Status.History, found!, revisions.Shown(found!)));
        return null;
    }

    private async Task<AdminProblem?> ApplyAsync(HttpContext context)
    {
        if (context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } size)
        {
            size.MaxRequestBodySize = Revision.TextMax;
        }

        using var body = new MemoryStream();
        await context.Request.Body.CopyToAsync(body, context.RequestAborted);
        AuditEntry.Of(context)?.Asked(new { bytes = body.Length });
        string text;
        try
        {
            text = Strict.GetString(body.GetBuffer().AsSpan(0, (int)body.Length));
        }
        catch (DecoderFallbackException)
        {
            return AdminProblem.BadRequest("The body is no UTF-8 text.");
        }

        bool isRelease = context.Request.Query.ContainsKey(Release);
        if (isRelease == !string.IsNullOrWhiteSpace(text))
        {
            return AdminProblem.BadRequest(isRelease ? "?release has no body: the files have their say again." : "The body is the topology, as HOCON; it is empty.");
        }

        if (RequestOf(context, out RevisionRequest request) is { } unreadable)
        {
            return unreadable;
        }

        await WriteAsync(context, await WithinAsync(context, isRelease
            ? revisions.ReturnToAsync(null, request, context.RequestAborted)
            : revisions.ApplyAsync(TopologyParts.Split(text), request, context.RequestAborted)));
        return null;
    }

    private async Task<AdminProblem?> RollBackAsync(HttpContext context)
    {
        if (Find((string)context.Request.RouteValues["n"]!, out Revision? found) is { } missing)
        {
            return missing;
        }

        if (RequestOf(context, out RevisionRequest request) is { } unreadable)
        {
            return unreadable;
        }

        await WriteAsync(context, await WithinAsync(context, revisions.ReturnToAsync(found!, request, context.RequestAborted)));
        return null;
    }

    // RFC 9110, 13.1.1: of one revision, whose number is its entity tag; any is as good as none.
    private static AdminProblem? RequestOf(HttpContext context, out RevisionRequest request)
    {
        request = new RevisionRequest(AdminCaller.Of(context), context.Request.Query.ContainsKey(Trial));
        if (request.IsTrial)
        {
            AuditEntry.Of(context)?.Tries();
        }

        string wanted = context.Request.Headers.IfMatch.ToString().Trim();
        if (wanted is "" or "*")
        {
            return null;
        }

        if (wanted.Length > 2 && wanted[0] == '"' && wanted[^1] == '"' && long.TryParse(wanted.AsSpan(1, wanted.Length - 2), NumberStyles.None, CultureInfo.InvariantCulture, out long number))
        {
            request = request with { IfRevision = number };
            return null;
        }

        return AdminProblem.BadRequest("If-Match is the number of the revision that is to be replaced, in quotes: \"7\", or \"0\" for none.");
    }

    private static string TagOf(RevisionId? id) => string.Create(CultureInfo.InvariantCulture, $"\"{id?.Number ?? 0}\"");

    private Task<RevisionOutcome> WithinAsync(HttpContext context, Task<RevisionOutcome> outcome) =>
        outcome.WaitAsync(AnswerTimeout, plane.Time, context.RequestAborted);

    private AdminProblem? Find(string name, out Revision? found)
    {
        found = revisions.Status.History.Find(name);
        return found is null ? AdminProblem.UnknownRevision(name, revisions.Status.History) : null;
    }

    private Task WriteAsync(HttpContext context, RevisionOutcome outcome)
    {
        RevisionDocument document = RevisionDocument.Of(outcome);
        Log.TopologyGiven(logger, AdminCaller.Of(context), RevisionVerdicts.WordsOf(outcome, context.Request.Query.ContainsKey(Trial)));
        AuditEntry? entry = AuditEntry.Of(context);
        if (entry is not null)
        {
            entry.Changes = document.Changes;
        }

        if (outcome.Revision is { } counts)
        {
            context.Response.Headers.ETag = TagOf(counts);
        }

        if (RevisionVerdicts.ProblemOf(outcome) is not { } problem)
        {
            return AdminBody.WriteAsync(context, outcome.Verdict == RevisionVerdict.Spreads ? StatusCodes.Status202Accepted : StatusCodes.Status200OK, document);
        }

        if (problem.Status is StatusCodes.Status503ServiceUnavailable or StatusCodes.Status409Conflict)
        {
            context.Response.Headers.RetryAfter = "1";
        }

        entry?.Failed(problem.Name);
        context.Response.StatusCode = problem.Status;
        context.Response.ContentType = AdminProblem.ContentType;
        return JsonSerializer.SerializeAsync(
            context.Response.Body,
            document with { Type = problem.Type, Title = problem.Title, Status = problem.Status, Detail = problem.Detail },
            AdminJson.Written,
            context.RequestAborted);
    }
}

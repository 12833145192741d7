using System.Collections.Immutable;
using ActorLb.Engine;
using ActorLb.Node.Sessions.TicketKeys;
using ActorLb.Shared.Messages;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Logging;

namespace ActorLb.Node.Admin;

/// <summary>The admin API's routes for ticket keys.</summary>
internal sealed class KeyEndpoints(DataPlane plane, ITicketKeyDesk desk, ILogger logger)
{
    private const string RotationExample = "{\"without\":[\"lb3\"]}";

    private sealed record RotationBody(string[]? Without);

    private bool SharesKeys => TicketKeyActor.KeysAreShared(plane.Topology);

    public void Map(IEndpointRouteBuilder routes)
    {
        routes.Map(AdminRoutes.Keys, context => AnswerAsync(context, DescribeAsync));
        routes.Map(AdminRoutes.RotateKeys, context => AnswerAsync(context, RotateAsync));
    }

    private async Task AnswerAsync(HttpContext context, Func<HttpContext, Task<AdminProblem?>> answer)
    {
        AdminProblem? problem;
        try
        {
            problem = await answer(context);
        }
        catch (TimeoutException)
        {
            problem = AdminProblem.NoAnswer();
        }
        catch (Exception e) when (!context.RequestAborted.IsCancellationRequested && !context.Response.HasStarted && e is not BadHttpRequestException)
        {
            Log.KeyNotRotated(logger, e);
            context.Response.Headers.RetryAfter = "1";
            problem = AdminProblem.Unavailable();
        }

        if (problem is not null)
        {
            await problem.WriteAsync(context);
        }
    }

    private async Task<AdminProblem?> DescribeAsync(HttpContext context)
    {
        TicketKeyReport? report = SharesKeys
            ? await desk.DescribeAsync(context.RequestAborted).WaitAsync(AdminEndpoints.DecisionTimeout, plane.Time, context.RequestAborted)
            : null;
        await AdminBody.WriteAsync(context, StatusCodes.Status200OK, KeysDocument.Of(plane, report));
        return null;
    }

    private async Task<AdminProblem?> RotateAsync(HttpContext context)
    {
        (RotationBody? request, AdminProblem? unreadable) = await AdminBody.ReadAsync<RotationBody>(context, RotationExample);
        if (unreadable is not null)
        {
            return unreadable;
        }

        if (!SharesKeys)
        {
            return AdminProblem.KeysConfigured();
        }

        ImmutableArray<string> without = [.. (request?.Without ?? []).Where(n => n is not null)];
        TicketKeysRotated rotated = await desk.RotateAsync(new RotateTicketKeys(without) { Who = AdminCaller.Of(context) }, context.RequestAborted)
            .WaitAsync(AdminEndpoints.DecisionTimeout, plane.Time, context.RequestAborted);
        Log.KeyRotated(logger, KeysDocument.IdOf(rotated.Key), rotated.Outcome);
        switch (rotated.Outcome)
        {
            case RotationOutcome.TooManyKeys:
                return AdminProblem.TooManyKeys(rotated.Report);
            case RotationOutcome.NotReady:
                context.Response.Headers.RetryAfter = "1";
                return AdminProblem.Unavailable();
            default:
                await AdminBody.WriteAsync(
                    context,
                    rotated.Outcome == RotationOutcome.Signs ? StatusCodes.Status200OK : StatusCodes.Status202Accepted,
                    RotationDocument.Of(rotated));
                return null;
        }
    }
}

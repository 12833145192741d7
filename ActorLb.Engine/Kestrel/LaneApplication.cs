using ActorLb.Engine.Forwarding;
using ActorLb.Engine.Health;
using ActorLb.Engine.Traffic;
using ActorLb.Shared.Routing;
using ActorLb.Shared.Settings;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Abstractions;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Logging;
using Yarp.ReverseProxy.Forwarder;

namespace ActorLb.Engine.Kestrel;

/// <summary>
/// The life of a request in the Kestrel lane: screen, route, assign, forward, try again where that is safe, answer.
/// Sits on the server directly; there is no middleware between.
/// </summary>
internal sealed class LaneApplication(
    DataPlane plane,
    TrafficDirector director,
    PassiveHealth passive,
    LimitSettings limits,
    BackendClient client,
    IHttpForwarder forwarder,
    ILogger<LaneApplication> logger) : IHttpApplication<Exchange>
{
    public Exchange CreateContext(IFeatureCollection contextFeatures)
    {
        Exchange? exchange = null;
        if (contextFeatures is IHostContextContainer<Exchange> connection)
        {
            exchange = connection.HostContext ??= new Exchange(director, contextFeatures);
        }

        exchange ??= new Exchange(director, contextFeatures);
        exchange.Begin(contextFeatures);
        return exchange;
    }

    public void DisposeContext(Exchange context, Exception? exception) => context.End();

    public async Task ProcessRequestAsync(Exchange context)
    {
        FailureReason failure;
        try
        {
            failure = Screen(context);
            if (failure == FailureReason.None)
            {
                failure = Route(context) is { } pool ? await ServeAsync(context, pool) : FailureReason.NoRoute;
            }
        }
        catch (OperationCanceledException) when (context.Context.RequestAborted.IsCancellationRequested)
        {
            failure = FailureReason.ClientGone;
        }
        catch (Exception e)
        {
            logger.LogError(e, "A request failed within the balancer.");
            failure = FailureReason.InternalError;
        }

        if (failure != FailureReason.None)
        {
            await FailureResponse.WriteAsync(context, FailureAnswer.Of(failure));
        }
    }

    private FailureReason Screen(Exchange exchange)
    {
        HttpRequest request = exchange.Context.Request;
        FailureReason failure = RequestScreen.Check(
            request.Method,
            exchange.Context.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget,
            request.Protocol,
            request.Headers);
        if (failure != FailureReason.None)
        {
            return failure;
        }

        if (limits.BodyBytesMax > 0 && request.Headers.ContentLength > limits.BodyBytesMax)
        {
            return FailureReason.RequestTooLarge;
        }

        exchange.WatchBody(limits.BodyTimeout, plane.Time);
        return FailureReason.None;
    }

    private PoolSnapshot? Route(Exchange exchange)
    {
        HttpRequest request = exchange.Context.Request;
        return director.Route(request.Headers.Host.ToString(), request.Path.Value);
    }

    private async ValueTask<FailureReason> ServeAsync(Exchange exchange, PoolSnapshot pool)
    {
        CancellationToken aborted = exchange.Context.RequestAborted;
        exchange.Assignment = await director.AssignAsync(pool, exchange.Context.Request.Headers.Cookie, aborted);
        if (exchange.Assignment.Backend is not { } backend)
        {
            return FailureReason.NoBackend;
        }

        for (int triesLeft = pool.Settings.RetryAttempts; ; triesLeft--)
        {
            FailureReason failure = await ForwardAsync(exchange, backend, mayRetry: triesLeft > 0);
            if (failure == FailureReason.None || triesLeft <= 0 || !MayRetry(exchange, failure))
            {
                return failure;
            }

            // A connection that was closed as idle says nothing about its backend: the session stays there.
            if (failure != FailureReason.BackendStale)
            {
                Assignment next = await director.ReassignAsync(exchange.Assignment, aborted);
                if (next.Backend is null)
                {
                    return failure;
                }

                exchange.Assignment = next;
                backend = next.Backend;
            }

            exchange.Again();
        }
    }

    private async ValueTask<FailureReason> ForwardAsync(Exchange exchange, BackendSnapshot backend, bool mayRetry)
    {
        ForwarderError error;
        backend.Traffic.Began();
        try
        {
            error = await forwarder.SendAsync(
                exchange.Context, backend.Prefix, client.For(backend.Address), client.Forwarding, exchange, CancellationToken.None);
        }
        finally
        {
            backend.Traffic.Ended();
        }

        PoolSettings pool = exchange.Assignment.Pool.Settings;
        if (error == ForwarderError.None)
        {
            passive.Report(backend, pool, RequestOutcome.Answered, exchange.BackendStatus);
            return FailureReason.None;
        }

        HttpContext context = exchange.Context;
        FailureReason failure = FailureCause.Of(
            error,
            context.Features.Get<IForwarderErrorFeature>()?.Exception,
            clientGone: context.RequestAborted.IsCancellationRequested,
            clientOwesBody: exchange.Body is { IsAwaited: true });
        bool staleAgain = failure == FailureReason.BackendStale && mayRetry && MayRetry(exchange, failure);
        RequestOutcome? outcome = exchange.BackendStatus != 0
            ? FailureCause.OutcomeAfterHead(error)
            : staleAgain ? null : FailureAnswer.Of(failure).Outcome;
        if (outcome is { } ended)
        {
            Report(backend, pool, ended, exchange.BackendStatus);
        }

        // The answer had begun, and the forwarder cut it off: there is nobody to tell.
        return context.Response.HasStarted ? FailureReason.None : failure;
    }

    private void Report(BackendSnapshot backend, PoolSettings pool, RequestOutcome outcome, int status)
    {
        if (outcome is not (RequestOutcome.Answered or RequestOutcome.ClientGone))
        {
            backend.Traffic.Failed();
        }

        passive.Report(backend, pool, outcome, status);
    }

    private static bool MayRetry(Exchange exchange, FailureReason failure) =>
        exchange.BackendStatus == 0
        && !exchange.Context.Response.HasStarted
        && RetryPolicy.Allows(failure, exchange.Context.Request.Method, exchange.Body is { Begun: true });
}

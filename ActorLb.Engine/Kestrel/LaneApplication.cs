using System.Runtime.CompilerServices;
using ActorLb.Engine.Forwarding;
using ActorLb.Engine.Health;
using ActorLb.Engine.Listeners;
using ActorLb.Engine.Traffic;
using ActorLb.Shared.Backends;
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
    OpenConnections connections,
    IHttpForwarder forwarder,
    ILogger<LaneApplication> logger) : IHttpApplication<Exchange>
{
    private readonly RequestTargets _targets = new();
    private readonly FailureLog _failures = new(logger, plane.Time);

    public Exchange CreateContext(IFeatureCollection contextFeatures)
    {
        Exchange? exchange = null;
        if (contextFeatures is IHostContextContainer<Exchange> connection)
        {
            exchange = connection.HostContext ??= new Exchange(director, _targets, connections, contextFeatures);
        }

        exchange ??= new Exchange(director, _targets, connections, contextFeatures);
        exchange.Begin(contextFeatures);
        if (plane.AccessLog is not null)
        {
            exchange.Watch(plane.Time);
        }

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
        catch (OperationCanceledException) when (context.ClientHasLeft)
        {
            failure = FailureReason.ClientGone;
        }
        catch (Exception e)
        {
            logger.LogError(e, "A request failed within the balancer.");
            failure = FailureReason.InternalError;
        }

        try
        {
            if (failure != FailureReason.None)
            {
                context.Failure = failure;
                await FailureResponse.WriteAsync(context, FailureAnswer.Of(failure));
            }
        }
        finally
        {
            if (plane.AccessLog is { } log)
            {
                AccessEntry.Write(log, context, plane.Time);
            }
        }
    }

    private FailureReason Screen(Exchange exchange)
    {
        IHttpRequestFeature request = exchange.Request;
        FailureReason failure = RequestScreen.Check(
            request.Method, request.RawTarget, request.Protocol, exchange.OpensWebSocket, request.Headers);
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
        IHttpRequestFeature request = exchange.Request;
        return director.Route(request.Headers.Host.ToString(), request.Path);
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<FailureReason> ServeAsync(Exchange exchange, PoolSnapshot pool)
    {
        HttpContext context = exchange.Context;
        exchange.Assignment = await director.AssignAsync(pool, exchange.Request.Headers.Cookie, context.RequestAborted);
        if (exchange.Assignment.Backend is null)
        {
            return FailureReason.NoBackend;
        }

        var attempts = new Attempts(pool.Settings.RetryAttempts);
        BackendKey failed = BackendKey.None;
        while (true)
        {
            FailureReason failure = await EnterAsync(exchange, failed);
            if (failure != FailureReason.None)
            {
                return failure;
            }

            BackendSnapshot backend = exchange.Assignment.Backend!;
            bool mayRetry;
            try
            {
                // A connection that was closed as idle says nothing about its backend: the session stays there, in
                // its place, until a fresh connection tells whether it lives.
                while (true)
                {
                    ForwarderError error = await ForwardAsync(exchange, backend);
                    if (error == ForwarderError.None)
                    {
                        Answered(exchange, backend, pool.Settings);
                        return FailureReason.None;
                    }

                    failure = Conclude(exchange, backend, error, attempts, out mayRetry);
                    if (!mayRetry || failure != FailureReason.BackendStale)
                    {
                        break;
                    }

                    attempts.Take(failure);
                    exchange.Again();
                }
            }
            finally
            {
                backend.Traffic.Gate.Leave();
            }

            if (!mayRetry)
            {
                return failure;
            }

            Assignment next = await director.ReassignAsync(
                exchange.Assignment, FailureAnswer.Of(failure).Outcome, context.RequestAborted);
            if (next.Backend is null)
            {
                return failure;
            }

            // The director bounds how long a session's own backend is tried again; the attempts are for others.
            failed = backend.Key;
            if (next.Backend.Key != failed)
            {
                attempts.Take(failure);
            }

            exchange.Assignment = next;
            exchange.Again();
        }
    }

    /// <summary>None once the request has a place at its assigned backend, which may be another one afterwards.</summary>
    private ValueTask<FailureReason> EnterAsync(Exchange exchange, BackendKey failed)
    {
        Assignment assignment = exchange.Assignment;
        if (!Admission.TryEnter(ref assignment, failed))
        {
            return QueuedRequest.WaitAsync(exchange, failed, plane.Time);
        }

        exchange.Assignment = assignment;
        return new(FailureReason.None);
    }

    private ValueTask<ForwarderError> ForwardAsync(Exchange exchange, BackendSnapshot backend)
    {
        backend.Traffic.Began();
        return exchange.AsksForTunnel
            ? TunnelAsync(exchange, backend)
            : forwarder.SendAsync(
                exchange.Context, backend.Prefix, client.For(exchange.Assignment.Pool.Name, backend.Address), client.Forwarding(exchange.Assignment.Pool.Settings), exchange, CancellationToken.None);
    }

    private async ValueTask<ForwarderError> TunnelAsync(Exchange exchange, BackendSnapshot backend)
    {
        using var deadline = new HeadDeadline(exchange.Assignment.Pool.Settings.ResponseTimeout ?? limits.ResponseTimeout, plane.Time);
        exchange.HeadDeadline = deadline;
        try
        {
            return await forwarder.SendAsync(
                exchange.Context, backend.Prefix, client.For(exchange.Assignment.Pool.Name, backend.Address), client.Tunnelling, exchange, deadline.Token);
        }
        finally
        {
            exchange.HeadDeadline = null;
        }
    }

    /// <summary>Names what went wrong in an attempt and reports it; None where the client has its answer, or as much of it as there is.</summary>
    private FailureReason Conclude(
        Exchange exchange, BackendSnapshot backend, ForwarderError error, in Attempts attempts, out bool mayRetry)
    {
        HttpContext context = exchange.Context;
        Exception? cause = context.Features.Get<IForwarderErrorFeature>()?.Exception;
        FailureReason failure = FailureCause.Of(
            error,
            cause,
            clientGone: exchange.ClientHasLeft,
            clientStalled: exchange.ClientHasStalled,
            clientOwesBody: exchange.Body is { IsAwaited: true });
        bool headArrived = exchange.BackendStatus != 0;
        mayRetry = attempts.HasLeft(failure)
            && !headArrived
            && !context.Response.HasStarted
            && RetryPolicy.Allows(failure, context.Request.Method, exchange.Body is { Begun: true });
        RequestOutcome? outcome = headArrived
            ? FailureCause.OutcomeAfterHead(error, failure)
            : failure == FailureReason.BackendStale && mayRetry ? null : FailureAnswer.Of(failure).Outcome;
        if (outcome is { } ended)
        {
            Report(backend, exchange.Assignment.Pool.Settings, ended, exchange.BackendStatus, failure, cause);
        }

        exchange.Failure = failure;
        return context.Response.HasStarted ? FailureReason.None : failure;
    }

    private void Answered(Exchange exchange, BackendSnapshot backend, PoolSettings pool)
    {
        // Only a status that counts needs to know whose it is.
        int status = exchange.BackendStatus;
        ClientKey client = PassiveHealth.BlamesStatus(pool.Health.Passive, status) ? exchange.Client.KeyOf(exchange.Request.Headers) : default;
        passive.Report(backend, pool, RequestOutcome.Answered, status, client);
    }

    private void Report(
        BackendSnapshot backend, PoolSettings pool, RequestOutcome outcome, int status, FailureReason failure, Exception? cause)
    {
        if (outcome is not (RequestOutcome.Answered or RequestOutcome.ClientGone))
        {
            backend.Traffic.Failed();
            _failures.Tell(pool.Name, backend.Id, failure, cause);
        }

        passive.Report(backend, pool, outcome, status);
    }
}

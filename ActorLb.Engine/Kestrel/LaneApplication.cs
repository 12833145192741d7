using ActorLb.Engine.Exchanges;
using ActorLb.Engine.Failures;
using ActorLb.Engine.Memory;
using ActorLb.Engine.Routing;
using ActorLb.Engine.Sessions;
using ActorLb.Engine.Traffic;
using ActorLb.Shared.Backends;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Abstractions;
using Microsoft.AspNetCore.Http.Features;

namespace ActorLb.Engine.Kestrel;

/// <summary>
/// Leads a request through the steps of its life (<see cref="RequestLife"/>) in the Kestrel lane.
/// Streams of HTTP/2 and HTTP/3 come from the server directly, without middleware between; requests of HTTP/1.1 from their connection.
/// </summary>
internal sealed class LaneApplication(LaneParts lane) : IHttpApplication<Exchange>
{
    private readonly Forwarder _forwarder = new(lane);

    public Exchange CreateContext(IFeatureCollection contextFeatures)
    {
        Exchange? exchange = null;
        if (contextFeatures is IHostContextContainer<Exchange> connection)
        {
            exchange = connection.HostContext ??= OfStream(contextFeatures);
        }

        exchange ??= OfStream(contextFeatures);
        ((MultiplexedClient)exchange.Client).Begin(contextFeatures);
        exchange.Begin();
        return exchange;
    }

    public void DisposeContext(Exchange context, Exception? exception) => context.End();

    public async Task ProcessRequestAsync(Exchange context)
    {
        FailureReason failure;
        try
        {
            failure = await ServeAsync(context);
        }
        catch (Exception e) when (e is OperationCanceledException or IOException && (context.Client.HasLeft || context.Stopped != FailureReason.None))
        {
            failure = context.Client.HasLeft ? FailureReason.ClientGone : context.Stopped;
        }
        catch (Exception e)
        {
            Forwarding.Log.RequestFailedWithin(lane.Logger, e);
            failure = FailureReason.InternalError;
        }

        try
        {
            if (failure != FailureReason.None)
            {
                context.Failure = failure;
                await AnswerAsync(context, failure);
            }
        }
        finally
        {
            lane.Life.Measured.Ended(context, context.Status, context.Failure, context.RequestSide.BytesTaken + context.TunnelBytesTaken, context.BytesSent);
            if (lane.Plane.AccessLog is { } log)
            {
                AccessEntry.Write(log, context, lane.Plane.Time);
            }
        }
    }

    private Exchange OfStream(IFeatureCollection features) => new(
        lane,
        new MultiplexedClient(features.GetRequiredFeature<IHttpRequestFeature>()),
        features.GetRequiredFeature<Admitted>(),
        PeerAddress.Of(features),
        features.GetRequiredFeature<OwnedConnection>(),
        features.Get<ShownCertificate>()?.Lines,
        features.GetRequiredFeature<FirstSession>());

    private ValueTask AnswerAsync(Exchange exchange, FailureReason failure)
    {
        if (!exchange.Client.HasStarted && failure != FailureReason.ClientGone)
        {
            exchange.IsAnsweredByUs = true;
            return exchange.Client.AnswerAsync(exchange, lane.Life.Answer(exchange, failure, exchange.Fault));
        }

        if (exchange.Client.HasStarted && exchange.Client.ShowsItsEnd && FailureAnswer.Of(failure).LeavesClient)
        {
            exchange.Client.EndUnfinished();
        }
        else
        {
            exchange.Client.BreakOff();
        }

        return default;
    }

    private async ValueTask<FailureReason> ServeAsync(Exchange exchange)
    {
        FailureReason refused = exchange.Read();
        if (refused != FailureReason.None)
        {
            return refused;
        }

        exchange.Reserve(MemoryShares.Of(!exchange.RequestSide.IsDone));
        Opening opening = lane.Life.Open(exchange, lane.Plane.Memory.HasRoom, lane.Limits.BodyBytesMax, lane.Routes.Value!);
        if (opening.Asked is not null)
        {
            opening = lane.Life.GoOn(exchange, opening, await opening.Asked.WaitAsync(exchange.Client.Aborted));
        }

        if (opening.Refused != FailureReason.None)
        {
            return opening.Refused;
        }

        Assignment assigned = await lane.Life.AssignAsync(exchange, opening.Pool!, exchange.Owned.AuthenticatedAt, exchange.Client.Aborted);
        exchange.Assignment = assigned;
        return exchange.Assignment.Backend is null ? FailureReason.NoBackend : await AttemptAsync(exchange);
    }

    private async Task<FailureReason> AttemptAsync(Exchange exchange)
    {
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
                // The session stays there, in its place, until a fresh connection tells whether its backend lives.
                do
                {
                    (failure, mayRetry) = await _forwarder.SendAsync(exchange, backend);
                    if (mayRetry)
                    {
                        exchange.Again();
                    }
                }
                while (mayRetry && exchange.Attempts.TakeStay(failure));
            }
            finally
            {
                backend.Traffic.Gate.Leave();
            }

            if (!mayRetry)
            {
                return failure;
            }

            Assignment next = await lane.Life.ReassignAsync(exchange, failure, exchange.Client.Aborted);
            if (next.Backend is null)
            {
                return failure;
            }

            failed = backend.Key;
            RequestLife.Assign(exchange, next, failed, failure);
        }
    }

    /// <summary>None once the request has a place at its assigned backend, which may be another one afterwards.</summary>
    private ValueTask<FailureReason> EnterAsync(Exchange exchange, BackendKey failed)
    {
        return Admission.TryEnter(ref exchange.Assignment, failed) ? new(FailureReason.None) : QueueAsync(exchange, failed);
    }

    private async ValueTask<FailureReason> QueueAsync(Exchange exchange, BackendKey failed)
    {
        FailureReason failure = await QueuedRequest.WaitAsync(exchange, failed, lane.Plane.Time);
        if (failure != FailureReason.None)
        {
            return failure;
        }

        BackendSnapshot backend = exchange.Assignment.Backend!;

        // Where it does not go there, it has only waited there: nothing of it is that backend's.
        Assignment now = exchange.Assignment with { Backend = null };
        try
        {
            now = await lane.Life.AfterQueueAsync(exchange, exchange.Client.Aborted);
        }
        finally
        {
            exchange.Assignment = now;
            if (!ReferenceEquals(now.Backend, backend))
            {
                backend.Traffic.Gate.Leave();
            }
        }

        return ReferenceEquals(now.Backend, backend) ? FailureReason.None
            : now.Backend is null ? FailureReason.NoBackend
            : await EnterAsync(exchange, failed);
    }
}

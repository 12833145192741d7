using ActorLb.Engine.Clients;
using ActorLb.Engine.Failures;
using ActorLb.Engine.Health;
using ActorLb.Engine.Http1;
using ActorLb.Engine.Routing;
using ActorLb.Engine.Traffic;
using ActorLb.Engine.Transport;
using ActorLb.Shared.Settings;

namespace ActorLb.Engine.Kestrel;

/// <summary>
/// One attempt at one backend: its connection, the request out and the answer in at the same time, and what is told of
/// how it ended.
/// </summary>
internal sealed class Forwarder(LaneParts lane)
{
    /// <summary>None where the client has its answer, or as much of it as there is.</summary>
    public async Task<(FailureReason Failure, bool MayRetry)> SendAsync(Exchange exchange, BackendSnapshot backend)
    {
        backend.Traffic.Began();
        BackendStream? stream = exchange.Owned.Take(backend);
        bool owns = stream is not null || exchange.Head.AuthenticatesConnection;
        stream ??= lane.Kept.Take(backend, IsRepeatable(exchange));
        FailureReason failure = FailureReason.None;
        Exception? cause = null;
        if (stream is null)
        {
            (stream, failure, cause) = await lane.Dialer.DialAsync(exchange.Assignment.Pool.Name, backend, exchange.Client.Aborted).ConfigureAwait(false);
        }

        if (stream is not null)
        {
            try
            {
                failure = await ForwardAsync(exchange, backend, stream, owns).ConfigureAwait(false);
                cause = stream.Cause;
                if (failure == FailureReason.BackendStale && !exchange.Owns)
                {
                    lane.Kept.ClosedAsIdle(backend.Traffic, stream);
                }
            }
            finally
            {
                exchange.AttemptEnded();
            }
        }

        return Conclude(exchange, backend, failure, cause);
    }

    private async Task<FailureReason> ForwardAsync(Exchange exchange, BackendSnapshot backend, BackendStream stream, bool owns)
    {
        bool keeps = false;
        exchange.Attempt(stream);
        exchange.Owns = owns;
        CancellationTokenRegistration gone = exchange.Client.Aborted.UnsafeRegister(
            static e => ((Exchange)e!).Stop(FailureReason.ClientGone), exchange);
        try
        {
            RequestSide request = exchange.RequestSide;
            ResponseSide response = exchange.ResponseSide;

            // One that was kept was looked at when it was taken.
            if (!stream.IsReused && stream.Look() == Unread.Bytes)
            {
                backend.Traffic.SpokeUnasked(SteadyClock.Now(lane.Plane.Time));
                return response.RefuseUnasked();
            }

            Task sending = request.SendAsync(stream, backend.Address);
            FailureReason failure = await ReceiveAsync(exchange, stream).ConfigureAwait(false);
            if (failure == FailureReason.None && response.IsTunnel)
            {
                // A client that ends its side of a tunnel still listens.
                await gone.DisposeAsync().ConfigureAwait(false);
                await sending.ConfigureAwait(false);
                await RunTunnelAsync(exchange, stream).ConfigureAwait(false);
                return FailureReason.None;
            }

            if (failure == FailureReason.None && !sending.IsCompleted)
            {
                await FinishSendingAsync(exchange, stream, sending).ConfigureAwait(false);
            }

            if (!sending.IsCompleted)
            {
                request.Stop();
                stream.Dispose();
            }

            await sending.ConfigureAwait(false);
            if (failure == FailureReason.None)
            {
                keeps = response.KeepsBackend && request.IsDone && exchange.Stopped == FailureReason.None;
                return FailureReason.None;
            }

            return NameOf(failure, exchange);
        }
        finally
        {
            // Waits for one that is being called: the stream may be another request's afterwards.
            await gone.DisposeAsync().ConfigureAwait(false);
            if (keeps && exchange.Stopped == FailureReason.None)
            {
                exchange.AttemptEnded();
                Keep(exchange, backend, stream);
            }
            else
            {
                stream.Dispose();
            }
        }
    }

    private static bool IsRepeatable(Exchange exchange) =>
        exchange.RequestSide.IsDone
        && exchange.Attempts.HasLeft(FailureReason.BackendStale)
        && RetryPolicy.Allows(FailureReason.BackendStale, exchange.Head.Head.Method, bodyBegun: false);

    private void Keep(Exchange exchange, BackendSnapshot backend, BackendStream stream)
    {
        if (exchange.Owns)
        {
            exchange.Owned.Keep(backend, stream);
        }
        else
        {
            lane.Kept.Keep(backend.Traffic, stream, exchange.Assignment.Pool.Settings.BackendIdleTimeout ?? lane.Limits.BackendIdleTimeout);
        }
    }

    private static async Task<FailureReason> ReceiveAsync(Exchange exchange, BackendStream stream)
    {
        try
        {
            return await exchange.ResponseSide.ReceiveAsync(stream).ConfigureAwait(false);
        }
        catch (Exception e) when (e is IOException or OperationCanceledException or InvalidOperationException)
        {
            // Whatever the server says of a client whose connection or stream has ended.
            return FailureReason.ClientGone;
        }
    }

    /// <summary>
    /// The client has its answer before its request was read: a backend that keeps its connection reads on, as long as the
    /// client goes on sending.
    /// </summary>
    private static async Task FinishSendingAsync(Exchange exchange, BackendStream stream, Task sending)
    {
        await exchange.Client.CompleteAsync().ConfigureAwait(false);
        if (exchange.ResponseSide.KeepsBackend && !exchange.RequestSide.BackendLost && !exchange.Client.ClosesAfterAnswer && stream.IsQuiet)
        {
            exchange.BeginRest();
            await sending.ConfigureAwait(false);
        }
    }

    private async Task RunTunnelAsync(Exchange exchange, BackendStream stream)
    {
        exchange.BeginTunnel();
        Stream client = await exchange.Client.OpenTunnelAsync().ConfigureAwait(false);
        using var tunnel = new Tunnel(exchange, stream, client, exchange.ResponseSide.IsWebSocket);
        exchange.Assignment.Backend!.Traffic.TunnelBegan();
        exchange.Runs(tunnel);
        try
        {
            await tunnel.RunAsync(exchange.ResponseSide.Rest, lane.Plane.Time).ConfigureAwait(false);
        }
        finally
        {
            exchange.Runs(null);
            exchange.Assignment.Backend.Traffic.TunnelEnded();
            await tunnel.ClosedAsync().ConfigureAwait(false);
        }
    }

    // What we ended ourselves broke for our reason; and a request that was not to be had whole, for the client's.
    private static FailureReason NameOf(FailureReason failure, Exchange exchange) =>
        exchange.Client.HasLeft ? FailureReason.ClientGone
        : exchange.Stopped != FailureReason.None ? exchange.Stopped
        : exchange.RequestSide.Failure != FailureReason.None && !exchange.ResponseSide.HeadArrived ? exchange.RequestSide.Failure
        : failure;

    /// <summary>Reports how an attempt ended.</summary>
    private (FailureReason Failure, bool MayRetry) Conclude(
        Exchange exchange, BackendSnapshot backend, FailureReason failure, Exception? cause)
    {
        ResponseSide response = exchange.ResponseSide;
        PoolSettings pool = exchange.Assignment.Pool.Settings;
        exchange.BytesSent += response.BytesSent;
        if (failure == FailureReason.None)
        {
            // Whatever became of the rest of its request: the client has its whole answer.
            exchange.Failure = response.IsDone ? FailureReason.None : exchange.Stopped;

            // Only a status that counts needs to know whose it is.
            ClientKey client = PassiveHealth.BlamesStatus(pool.Health.Passive, response.Status) ? exchange.ClientKey : default;
            lane.Passive.Report(backend, pool, RequestOutcome.Answered, response.Status, client);
            return (FailureReason.None, false);
        }

        bool mayRetry = failure == FailureReason.BackendStatus
            || (!response.Begun
                && RetryPolicy.Allows(failure, exchange.Head.Head.Method, exchange.RequestSide.BodyBegun)
                && Retries.TryTake(exchange.Assignment, exchange.Attempts, failure));
        RequestOutcome? outcome = response.HeadArrived ? OutcomeAfterHead(failure)
            : failure == FailureReason.BackendStale && mayRetry ? null : FailureAnswer.Of(failure).Outcome;
        if (outcome is { } ended)
        {
            Report(backend, pool, ended, response, failure, cause);
        }

        exchange.Failure = failure;
        exchange.Fault = failure == FailureReason.BackendBadResponse ? response.Fault : exchange.RequestSide.Fault;
        return (failure, mayRetry);
    }

    private static RequestOutcome OutcomeAfterHead(FailureReason failure) => failure switch
    {
        FailureReason.ClientGone => RequestOutcome.ClientGone,
        FailureReason.ClientTimeout or FailureReason.BodyTooSlow or FailureReason.ReaderTooSlow => RequestOutcome.Answered,
        _ => FailureAnswer.Of(failure).OutcomeAfterHead,
    };

    private void Report(
        BackendSnapshot backend, PoolSettings pool, RequestOutcome outcome, ResponseSide response, FailureReason failure, Exception? cause)
    {
        if (outcome is not (RequestOutcome.Answered or RequestOutcome.ClientGone))
        {
            backend.Traffic.Failed();
            lane.Failures.Tell(pool.Name, backend, failure, cause, failure == FailureReason.BackendBadResponse ? response.Fault : MessageFault.None);
        }

        lane.Passive.Report(backend, pool, outcome, response.Status);
    }
}

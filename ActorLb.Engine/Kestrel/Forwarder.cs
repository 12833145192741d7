using System.Net;
using ActorLb.Engine.Clients;
using ActorLb.Engine.Exchanges;
using ActorLb.Engine.Failures;
using ActorLb.Engine.Forwarding;
using ActorLb.Engine.Http1;
using ActorLb.Engine.Http2.Client;
using ActorLb.Engine.Memory;
using ActorLb.Engine.Routing;
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
        if (!exchange.IsMultiplexed || exchange.Assignment.Pool.Settings.Protocol == BackendProtocol.Http2)
        {
            return await AttemptAsync(exchange, backend).ConfigureAwait(false);
        }

        // The limits on clients' connections bound how many of these there are where each carries one request alone.
        IPAddress client = exchange.ClientAddress;
        if (!lane.Plane.Connections.TryShare(client))
        {
            return Conclude(exchange, FailureReason.OutOfSockets, cause: null);
        }

        try
        {
            return await AttemptAsync(exchange, backend).ConfigureAwait(false);
        }
        finally
        {
            lane.Plane.Connections.ReleaseShare(client);
        }
    }

    private async Task<(FailureReason Failure, bool MayRetry)> AttemptAsync(Exchange exchange, BackendSnapshot backend)
    {
        lane.Life.Measured.Attempts(exchange, backend);
        PoolSettings pool = exchange.Assignment.Pool.Settings;
        bool owns = false;
        (BackendStream? stream, FailureReason failure, Exception? cause) = pool.Protocol == BackendProtocol.Http2
            ? await CallAsync(exchange, pool, backend).ConfigureAwait(false)
            : await ConnectAsync(exchange, pool, backend, out owns).ConfigureAwait(false);
        if (stream is not null)
        {
            try
            {
                failure = await ForwardAsync(exchange, backend, stream, owns).ConfigureAwait(false);
                cause = stream.Cause;
                if (failure == FailureReason.BackendStale && !exchange.Owns && stream is Http1Stream stale)
                {
                    lane.Kept.ClosedAsIdle(backend.Traffic, stale);
                }
            }
            finally
            {
                exchange.AttemptEnded();
            }
        }

        return Conclude(exchange, failure, cause);
    }

    // A connection that is kept, or its client's own, or a new one.
    private ValueTask<(BackendStream? Stream, FailureReason Failure, Exception? Cause)> ConnectAsync(
        Exchange exchange, PoolSettings pool, BackendSnapshot backend, out bool owns)
    {
        bool names = pool.ProxyProtocol != ProxyHeaderVersion.Off;
        Http1Stream? stream = exchange.Owned.Take(backend, pool.ProxyProtocol);
        owns = stream is not null || exchange.AuthenticatesConnection || names;
        stream ??= names ? null : lane.Kept.Take(backend, RequestLife.IsRepeatable(exchange));
        return stream is not null ? new((stream, FailureReason.None, null)) : DialAsync(exchange, pool, backend);
    }

    private async ValueTask<(BackendStream? Stream, FailureReason Failure, Exception? Cause)> DialAsync(Exchange exchange, PoolSettings pool, BackendSnapshot backend)
    {
        long since = lane.Plane.Time.GetTimestamp();
        (Http1Stream? made, FailureReason failure, Exception? cause) =
            await lane.Dialer.DialAsync(pool, backend, exchange.Ends, exchange.Client.Aborted).ConfigureAwait(false);
        if (made is not null)
        {
            lane.Life.Measured.Connected(exchange, since);
        }

        return (made, failure, cause);
    }

    private async ValueTask<(BackendStream? Stream, FailureReason Failure, Exception? Cause)> CallAsync(Exchange exchange, PoolSettings pool, BackendSnapshot backend)
    {
        exchange.Reserve(MemoryShares.Of(!exchange.RequestSide.IsDone) + pool.Http2.WindowBytes);
        (Http2Call? call, FailureReason failure, Exception? cause) = await lane.Calls.OpenAsync(pool, backend, ClientKey.Of(exchange.ClientAddress), exchange.Client.Aborted).ConfigureAwait(false);
        return (call, failure, cause);
    }

    private async Task<FailureReason> ForwardAsync(Exchange exchange, BackendSnapshot backend, BackendStream stream, bool owns)
    {
        bool keeps = false;
        exchange.Attempt(stream);
        exchange.Owns = owns;
        stream.IsAuthenticated |= exchange.AuthenticatesConnection;
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
                bool isBroken = await RunTunnelAsync(exchange, stream).ConfigureAwait(false);
                return isBroken ? NameOf(FailureReason.BackendReset, exchange) : FailureReason.None;
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
                // The requests of one connection of HTTP/2 are several at a time: each has one of its own, and no other follows on it.
                keeps = response.KeepsBackend && request.IsDone && exchange.Stopped == FailureReason.None && !(exchange.Owns && exchange.IsMultiplexed);
                return FailureReason.None;
            }

            return NameOf(failure, exchange);
        }
        finally
        {
            // Waits for one that is being called: the stream may be another request's afterwards.
            await gone.DisposeAsync().ConfigureAwait(false);
            if (keeps && exchange.Stopped == FailureReason.None && stream is Http1Stream kept)
            {
                exchange.AttemptEnded();
                Keep(exchange, backend, kept);
            }
            else
            {
                stream.Dispose();
            }
        }
    }

    private void Keep(Exchange exchange, BackendSnapshot backend, Http1Stream stream)
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

    /// <summary>True where the backend broke it off.</summary>
    private async Task<bool> RunTunnelAsync(Exchange exchange, BackendStream stream)
    {
        exchange.BeginTunnel();
        Stream client = await exchange.Client.OpenTunnelAsync().ConfigureAwait(false);
        using var tunnel = new Tunnel(exchange, stream, client, exchange.ResponseSide.IsWebSocket);
        exchange.Assignment.Backend!.Traffic.TunnelBegan();
        exchange.Runs(tunnel);
        try
        {
            await tunnel.RunAsync(exchange.ResponseSide.Rest, lane.Plane.Time).ConfigureAwait(false);
            return tunnel.IsBroken;
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

    /// <summary>Has it judged how an attempt ended.</summary>
    private (FailureReason Failure, bool MayRetry) Conclude(Exchange exchange, FailureReason failure, Exception? cause)
    {
        ResponseSide response = exchange.ResponseSide;
        exchange.BytesSent += response.BytesSent;
        if (failure == FailureReason.None)
        {
            // Whatever became of the rest of its request: the client has its whole answer.
            exchange.Failure = response.IsDone ? FailureReason.None : exchange.Stopped;

            lane.Life.Answered(exchange);
            return (FailureReason.None, false);
        }

        bool isBadAnswer = failure == FailureReason.BackendBadResponse;
        bool mayRetry = lane.Life.Failed(exchange, failure, cause, isBadAnswer ? response.Fault : MessageFault.None);
        exchange.Failure = failure;
        exchange.Fault = isBadAnswer ? response.Fault : exchange.RequestSide.Fault;
        return (failure, mayRetry);
    }
}

using System.Net;
using ActorLb.Engine.Failures;
using ActorLb.Engine.Http1;
using ActorLb.Shared.Settings;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http.Features;

namespace ActorLb.Engine.Kestrel;

/// <summary>
/// A client's connection of HTTP/1.1: requests one after the other, each answered before the next is read. Nothing is read
/// from it after an error. It ends as a connection of the event loops does.
/// </summary>
internal sealed class Http1Connection : IDisposable
{
    /// <summary>A client that has ended its side may want its answer, or be gone: it is waited for as long as on the event loops.</summary>
    private static readonly TimeSpan HalfClosed = TimeSpan.FromSeconds(5);

    /// <summary>
    /// How long what a client still sends is read and dropped after the last answer: closing at once would reset the
    /// connection, and the client might lose the answer (RFC 9112, 9.6). This long after its last byte, and not much longer
    /// in all.
    /// </summary>
    private static readonly TimeSpan Linger = TimeSpan.FromSeconds(2);

    private static readonly TimeSpan LingerMax = TimeSpan.FromSeconds(30);

    private readonly LaneParts _lane;
    private readonly LaneApplication _application;
    private readonly ClientTransport _transport;
    private readonly Http1Client _client;
    private readonly Exchange _exchange;
    private readonly ConnectionTimer<Limit> _timer;
    private readonly CancellationToken _closing;
    private readonly Lock _lock = new();
    private bool _isIdle;
    private bool _isExchanging;
    private bool _hasPeerEnded;
    private bool _isFirst = true;
    private volatile bool _isHeadLate;

    public Http1Connection(
        LaneParts lane, LaneApplication application, IPAddress peer, OwnedConnection owned, ConnectionContext connection)
    {
        _lane = lane;
        _application = application;
        _transport = new ClientTransport(connection);
        _client = new Http1Client(_transport, lane);
        _exchange = new Exchange(
            lane, _client, connection.Features.GetRequiredFeature<Admitted>(), peer, owned, connection.Features.Get<ShownCertificate>()?.Lines);
        _timer = new ConnectionTimer<Limit>(lane.Plane.Time, OnDue);
        if (connection.Features.Get<HandedOver>() is { } before)
        {
            _client.Input.Put(before.Received);
            _isFirst = false;
        }

        _closing = connection.Features.Get<IConnectionLifetimeNotificationFeature>()?.ConnectionClosedRequested ?? default;
    }

    private enum Limit : byte
    {
        Idle,
        Head,

        /// <summary>The client has ended its side, and waits for an answer.</summary>
        PeerEnded,

        /// <summary>The client is to take the rest of its answer.</summary>
        Answer,
        Linger,
    }

    /// <summary>Complete when the connection may be closed.</summary>
    public async Task RunAsync()
    {
        await using CancellationTokenRegistration ended = _transport.Ended.UnsafeRegister(static c => ((Http1Connection)c!).OnEnded(), this);
        await using CancellationTokenRegistration closing = _closing.UnsafeRegister(static c => ((Http1Connection)c!).OnClosing(), this);
        while (await ReceiveHeadAsync().ConfigureAwait(false))
        {
            if (!await ServeAsync().ConfigureAwait(false))
            {
                await DropRestAsync().ConfigureAwait(false);
                return;
            }
        }

        await _transport.EndSendingAsync().ConfigureAwait(false);
    }

    public void Dispose()
    {
        _timer.Dispose();
        _exchange.Received.End();
        _client.Dispose();
    }

    /// <summary>Whether there is a request to answer, be it with a refusal; false where the connection has nothing more to say.</summary>
    private async ValueTask<bool> ReceiveHeadAsync()
    {
        bool hasBegun = false;
        while (true)
        {
            if (_client.Input.Length > 0)
            {
                ParseResult result = _exchange.Received.Receive(_client.Input.Unread.Span, _lane.MessageLimits);
                if (result.Status != ParseStatus.NeedMore)
                {
                    BeginRequest(result);
                    return true;
                }

                // From the first byte: one that comes now and then does not buy more time.
                if (!hasBegun)
                {
                    hasBegun = true;
                    LeaveIdle();
                    _timer.Set(Limit.Head, _lane.Limits.HeaderTimeout);
                }
            }
            else if (!TryIdle())
            {
                return false;
            }

            int count = await _client.Input.ReceiveAsync(ClientInput.HeadBytes).ConfigureAwait(false);
            if (count == ClientTransport.Stopped && _isHeadLate)
            {
                _client.Refuse(FailureReason.ClientTimeout, MessageFault.None);
                return true;
            }

            if (count <= 0)
            {
                return false;
            }
        }
    }

    private void BeginRequest(ParseResult result)
    {
        _timer.Stop();
        LeaveIdle();

        // Whoever stopped the wait came too late.
        _client.Input.Resume();
        if (result.IsComplete)
        {
            _client.Input.Skip(result.Consumed);
            _client.Begin(_exchange.Head);
        }
        else
        {
            _client.Refuse(FaultMeaning.Of(result.Fault).Failure, result.Fault);
        }
    }

    /// <summary>Has a request answered; whether another may follow.</summary>
    private async ValueTask<bool> ServeAsync()
    {
        BeginExchange();
        _exchange.Begin();
        try
        {
            await _application.ProcessRequestAsync(_exchange).ConfigureAwait(false);
            EndExchange();
            ValueTask completing = _client.CompleteAsync();
            if (!completing.IsCompleted)
            {
                _timer.Set(Limit.Answer, _lane.Limits.ResponseTimeout);
            }

            await completing.ConfigureAwait(false);
            return !_client.ClosesAfterAnswer && _exchange.RequestSide.IsDone;
        }
        finally
        {
            EndExchange();
            _exchange.End();
        }
    }

    private async ValueTask DropRestAsync()
    {
        if (_client.HasEnded)
        {
            return;
        }

        await _transport.EndSendingAsync().ConfigureAwait(false);
        long since = _lane.Plane.Time.GetTimestamp();
        _client.Input.Resume();
        int count;
        do
        {
            _client.Input.Skip(_client.Input.Length);
            _timer.Set(Limit.Linger, Linger);
            count = await _client.Input.ReceiveAsync(RequestSide.BufferBytes).ConfigureAwait(false);
        }
        while (count > 0 && _lane.Plane.Time.GetElapsedTime(since) < LingerMax);
    }

    private bool TryIdle()
    {
        // Whoever connects has something to ask.
        LimitSettings limits = _lane.Limits;
        TimeSpan limit = _isFirst ? limits.FirstByteTimeout : limits.IdleTimeout;
        _isFirst = false;
        _timer.Set(Limit.Idle, limit);
        lock (_lock)
        {
            _isIdle = !_closing.IsCancellationRequested;
            return _isIdle;
        }
    }

    private void LeaveIdle()
    {
        lock (_lock)
        {
            _isIdle = false;
        }
    }

    private void BeginExchange()
    {
        lock (_lock)
        {
            _isExchanging = true;
            if (_hasPeerEnded)
            {
                _timer.Set(Limit.PeerEnded, HalfClosed);
            }
        }
    }

    private void EndExchange()
    {
        lock (_lock)
        {
            _isExchanging = false;
        }

        _timer.Stop();
    }

    /// <summary>The server stops: who asks nothing is not waited for.</summary>
    private void OnClosing()
    {
        lock (_lock)
        {
            if (_isIdle)
            {
                _client.Input.Stop();
            }
        }
    }

    /// <summary>The client has ended its side, or the connection is gone.</summary>
    private void OnEnded()
    {
        if (_transport.IsGone)
        {
            _client.Leave();
            return;
        }

        lock (_lock)
        {
            _hasPeerEnded = true;
            if (_isExchanging)
            {
                _timer.Set(Limit.PeerEnded, HalfClosed);
            }
        }
    }

    private void OnDue(Limit limit)
    {
        switch (limit)
        {
            case Limit.PeerEnded when _exchange.ResponseSide.HeadArrived:
                break;
            case Limit.PeerEnded when !_exchange.RequestSide.IsDone:
                // It has sent its request to the end: the backend takes its time.
                _timer.Set(limit, HalfClosed);
                break;
            case Limit.PeerEnded:
                ThreadPool.UnsafeQueueUserWorkItem(static c => c.Leave(), _client, preferLocal: false);
                break;
            case Limit.Answer:
                ThreadPool.UnsafeQueueUserWorkItem(static c => c.BreakOff(), _client, preferLocal: false);
                break;
            default:
                _isHeadLate = limit == Limit.Head;
                _client.Input.Stop();
                break;
        }
    }
}

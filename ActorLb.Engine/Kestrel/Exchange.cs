using System.Net;
using System.Net.Sockets;
using ActorLb.Engine.Forwarding;
using ActorLb.Engine.Http1;
using ActorLb.Engine.Memory;
using ActorLb.Engine.OpenExchanges;
using ActorLb.Engine.Traffic;
using ActorLb.Engine.Transport;
using ActorLb.Shared.Routing;
using ActorLb.Shared.Settings;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core.Features;

namespace ActorLb.Engine.Kestrel;

/// <summary>
/// One request and its answer. Kept by the server with the client's connection (or HTTP/2 stream) and used again
/// for the next one.
/// </summary>
internal sealed class Exchange
{
    /// <summary>A backend that has answered and takes no more of the request is not waited for longer.</summary>
    private static readonly TimeSpan HalfClosed = TimeSpan.FromSeconds(5);

    // Name, path and domain of a cookie are bounded by the configuration to less.
    private const int TicketBytesMax = 4096;

    private readonly LaneParts _lane;
    private readonly ListenerSettings _listener;
    private readonly IPAddress _peer;
    private readonly ClientPresence _presence = new();

    // Who ends an attempt from another thread holds it, so that it is this attempt and no later one.
    private readonly Lock _attempt = new();
    private readonly ExchangeTimer _timer;
    private WebSocketOpening? _opening;
    private BackendStream? _backend;
    private Tunnel? _tunnel;
    private readonly Socket? _socket;
    private OpenExchange _open;
    private ClientRates _rates;
    private int _attempts;
    private int _reserved;
    private bool _isAtBackend;
    private string? _requestId;
    private int _stopped;
    private bool _isTunnel;

    public Exchange(LaneParts lane, IFeatureCollection features)
    {
        _lane = lane;
        _timer = new ExchangeTimer(this, lane.Plane.Time, _attempt);
        RequestSide = new RequestSide(this);
        ResponseSide = new ResponseSide(this);
        Request = features.GetRequiredFeature<IHttpRequestFeature>();
        _listener = features.GetRequiredFeature<ListenerSettings>();
        _peer = PeerAddress.Of(features);
        _socket = features.Get<IConnectionSocketFeature>()?.Socket;
        Client = new ForwardedClient(_listener, _peer);
        Owned = features.GetRequiredFeature<OwnedConnection>();
    }

    public DefaultHttpContext Context { get; } = new();

    /// <summary>The server's own view of the request: the same object for all requests of a connection or stream.</summary>
    public IHttpRequestFeature Request { get; }

    public ForwardedClient Client { get; }

    /// <summary>Whose the request is: this client's, or that of the one whom a trusted proxy names.</summary>
    public ClientKey ClientKey => ClientKey.Of(Client.IsTrusted
        ? ClientAddress.Of(_peer, _listener.TrustedProxies, RequestFields.Joined(Head.Source, Head.Fields, KnownField.XForwardedFor))
        : _peer);

    public ReceivedHead Head { get; } = new();

    public RequestSide RequestSide { get; }

    public ResponseSide ResponseSide { get; }

    public MessageLimits Limits => _lane.MessageLimits;

    /// <summary>Of the request's body; zero: there is no limit.</summary>
    public long BodyBytesMax => _lane.Limits.BodyBytesMax;

    /// <summary>Where the request goes now; another after a failed attempt.</summary>
    public Assignment Assignment { get; set; }

    public bool IsHttp2 { get; private set; }

    public bool IsHead => Head.Head.Method == RequestMethod.Head;

    /// <summary>How the request failed, also where the client has a part of its answer by then.</summary>
    public FailureReason Failure { get; set; }

    /// <summary>What is wrong with the request, or with the backend's answer, more exactly.</summary>
    public MessageFault Fault { get; set; }

    /// <summary>It is the request that something is wrong with.</summary>
    public bool IsMalformed => Fault != MessageFault.None && Failure != FailureReason.BackendBadResponse;

    /// <summary>Of the answer's body.</summary>
    public long BytesSent { get; set; }

    /// <summary>When it began, in the time provider's ticks; taken for the access log only.</summary>
    public long BeganAt { get; private set; }

    public string RequestId => _requestId ??= System.Text.Encoding.ASCII.GetString(Head.RequestId);

    /// <summary>The client is gone, or no longer wants its answer; fires also where we end the connection.</summary>
    public CancellationToken Aborted => _presence.Aborted;

    /// <summary>The client ended its request before we did.</summary>
    public bool ClientHasLeft => _presence.HasLeft;

    /// <summary>Why the attempt was ended from our side; None where it was not.</summary>
    public FailureReason Stopped => (FailureReason)Volatile.Read(ref _stopped);

    /// <summary>The client is to begin its next request on another connection. HTTP/2 has a frame for that, which the server sends.</summary>
    public bool EndsConnection => _lane.Clients.Leaving && !IsHttp2;

    /// <summary>Also where nobody can tell whether a body follows: the client waits to be asked for it.</summary>
    public bool ClosesAfterAnswer => !IsHttp2
        && (_lane.Clients.Leaving
            || (Head.Head.Has(RequestTraits.ExpectsContinue) && !RequestSide.BodyBegun && !RequestSide.IsDone));

    /// <summary>A connection to a backend that is this client's alone.</summary>
    public OwnedConnection Owned { get; }

    /// <summary>The connection of the present attempt is, or becomes, this client's alone.</summary>
    public bool Owns { get; set; }

    /// <summary>
    /// Whether this client may have a backend's connection to itself: not where its own carries the requests of many, as those
    /// of HTTP/2 and of proxies do.
    /// </summary>
    public bool MayOwn(PoolSnapshot pool) => !IsHttp2 && (!Client.IsTrusted || pool.Settings.AuthenticatesProxies);

    /// <summary>The Set-Cookie value that our own answer owes the client, or null.</summary>
    public string? Ticket => Assignment.NeedsTicket ? _lane.Director.TicketFor(Assignment, Head.IsSecure(Client)) : null;

    /// <summary>The same of a backend's answer.</summary>
    public string? TicketFor(ReadOnlySpan<byte> source, ReadOnlySpan<HeaderField> fields)
    {
        if (!Assignment.NeedsTicket)
        {
            return null;
        }

        Span<byte> value = stackalloc byte[TicketBytesMax];
        int length = _lane.Director.WriteTicket(Assignment, Head.IsSecure(Client), source, fields, value);
        return length == 0 ? null : System.Text.Encoding.UTF8.GetString(value[..length]);
    }

    /// <summary>The tunnel runs from now on, or, null, has ended.</summary>
    public void Runs(Tunnel? tunnel)
    {
        lock (_attempt)
        {
            _tunnel = tunnel;
        }
    }

    /// <summary>The longest silence of the present stage; zero: there is no limit.</summary>
    public TimeSpan SilenceMax =>
        _isTunnel ? _lane.Limits.TunnelTimeout
        : ResponseSide.IsDone && !RequestSide.IsAwaited ? HalfClosed
        : IsAwaitingClient ? _lane.Limits.BodyTimeout : ResponseTimeout;

    private TimeSpan ResponseTimeout => Assignment.Pool.Settings.ResponseTimeout ?? _lane.Limits.ResponseTimeout;

    private bool IsAwaitingClient => RequestSide.IsAwaited && (!ResponseSide.HeadArrived || ResponseSide.IsDone);

    public void Begin(IFeatureCollection features)
    {
        _presence.Begin(features);
        Context.Initialize(features);
        IsHttp2 = HttpProtocol.IsHttp2(Request.Protocol);
        _isTunnel = false;
        _stopped = 0;
        _open.Begin(_lane.Exchanges.Now);
        BytesSent = 0;
        BeganAt = _lane.Plane.AccessLog is null ? 0 : _lane.Plane.Time.GetTimestamp();
    }

    /// <summary>It asks for a protocol that its pool does not pass on, and cannot be answered without (RFC 8441, 4).</summary>
    public bool OpensNothing => _opening is not null && !Head.AsksUpgrade;

    /// <summary>Reads the head; None where the request may go on.</summary>
    public MessageFault Read()
    {
        bool hasBody = IsHttp2 && Context.Features.Get<IHttpRequestBodyDetectionFeature>() is { CanHaveBody: true };
        _opening = IsHttp2
            && HttpMethods.IsConnect(Request.Method)
            && Context.Features.Get<IHttpExtendedConnectFeature>() is { IsExtendedConnect: true, Protocol: "websocket" }
            ? new WebSocketOpening()
            : null;
        MessageFault fault = Head.Read(Request, _opening, hasBody, Limits);
        if (!IsHttp2 && Request.Headers.Expect.Count > 0)
        {
            // The backend is asked, not the server: what it answers is passed on.
            Request.Headers.Remove(Microsoft.Net.Http.Headers.HeaderNames.Expect);
        }

        RequestSide.Begin();
        ResponseSide.Begin();
        return fault;
    }

    /// <summary>An attempt begins on this connection.</summary>
    public void Attempt(BackendStream backend)
    {
        _backend = backend;
        _stopped = 0;
        _attempts++;
        Owns = false;
        RequestSide.Again();
        ResponseSide.Begin();
        _timer.Begin(ShortestOf(ResponseTimeout, RequestSide.IsDone ? TimeSpan.Zero : _lane.Limits.BodyTimeout));
        lock (_attempt)
        {
            _isAtBackend = true;
        }

        _lane.Exchanges.Add(this);
    }

    /// <summary>The attempt is over: nothing ends it any more.</summary>
    public void AttemptEnded()
    {
        _lane.Exchanges.Remove(this);
        lock (_attempt)
        {
            _isAtBackend = false;
        }

        _timer.End();
        _backend = null;
    }

    /// <summary>Looks whether it may stay, where it is open for longer than most. Any thread.</summary>
    public void Look(bool nodeStops)
    {
        OpenExchangeReview review = _lane.Exchanges.Review;
        long now = _lane.Exchanges.Now;
        lock (_attempt)
        {
            if (!_isAtBackend || Stopped != FailureReason.None || !_open.IsOlderThan(nodeStops ? 0 : (long)review.Period.TotalMilliseconds, now))
            {
                return;
            }

            if (!_isTunnel && IsTooSlow(now))
            {
                return;
            }

            ExchangeKind kind = _isTunnel ? ExchangeKind.Tunnel : ResponseSide.IsStream ? ExchangeKind.Stream : ExchangeKind.Answer;
            FailureReason why = review.Look(Assignment, kind, nodeStops, ref _open);
            if (why == FailureReason.None)
            {
                _open.Stay();
            }
            else if (!_open.IsOver(_open.IsLeaving ? default : review.TimeLeft(Assignment, kind, why), now))
            {
                _lane.Exchanges.LookAgain(_open.LeavesAt);
            }
            else if (_isTunnel)
            {
                CloseTunnel(why);
            }
            else
            {
                CutOff(why);
            }
        }
    }

    /// <summary>The node waits no longer. Any thread.</summary>
    public void CutOff()
    {
        lock (_attempt)
        {
            if (_isAtBackend && Stopped == FailureReason.None)
            {
                CutOff(FailureReason.NodeStopping);
            }
        }
    }

    /// <summary>The attempt goes on as a tunnel, which has a limit of its own.</summary>
    public void BeginTunnel()
    {
        _timer.End();
        Reserve(MemoryShares.Tunnel);
        _isTunnel = true;
        _timer.Begin(_lane.Limits.TunnelTimeout);
    }

    /// <summary>The client has its answer, and the backend goes on getting the request.</summary>
    public void BeginRest()
    {
        _timer.End();
        _timer.Begin(ShortestOf(HalfClosed, _lane.Limits.BodyTimeout));
    }

    /// <summary>Bytes have moved.</summary>
    public void Moved() => _timer.Moved();

    /// <summary>Nothing has moved for <see cref="SilenceMax"/>.</summary>
    public void OnSilence()
    {
        if (ResponseSide.IsDone && !_isTunnel)
        {
            // The client has its answer, and does not go on with its request, or the backend does not take it.
            RequestSide.Stop();
            _backend?.Dispose();
        }
        else if (ResponseSide.IsFlushing)
        {
            Stop(FailureReason.ClientTimeout);
            _presence.BreakOff();
        }
        else if (_isTunnel && _tunnel is not null)
        {
            CloseTunnel(FailureReason.TunnelTimeout);
        }
        else
        {
            Stop(IsAwaitingClient && !_isTunnel ? FailureReason.ClientTimeout : FailureReason.BackendTimeout);
        }
    }

    /// <summary>Ends the attempt from our side. Any thread; the first reason counts.</summary>
    public void Stop(FailureReason why)
    {
        Interlocked.CompareExchange(ref _stopped, (int)why, 0);
        RequestSide.Stop();
        _backend?.Dispose();
    }

    private bool IsTooSlow(long now)
    {
        bool awaitsReader = ResponseSide.IsFlushing && !ResponseSide.IsStream;
        long taken = !awaitsReader ? 0
            : !IsHttp2 && _socket is not null && TcpFigures.AckedOf(_socket) is { } acked ? acked : ResponseSide.BytesSent;
        FailureReason slow = _rates.Look(_lane.Limits, _attempts, IsAwaitingClient, RequestSide.BytesTaken, awaitsReader, taken, now);
        if (slow == FailureReason.None)
        {
            return false;
        }

        if (ResponseSide.IsDone)
        {
            RequestSide.Stop();
            _backend?.Dispose();
            return true;
        }

        Stop(slow);
        if (slow == FailureReason.ReaderTooSlow)
        {
            _presence.BreakOff();
        }

        return true;
    }

    private void CutOff(FailureReason why)
    {
        _lane.Plane.Closed.Count(why);
        Stop(why);
    }

    // One that has just switched is not there yet, and is looked at again.
    private void CloseTunnel(FailureReason why)
    {
        if (_tunnel is { IsClosing: false } tunnel)
        {
            _lane.Plane.Closed.Count(why);
            Interlocked.CompareExchange(ref _stopped, (int)why, 0);
            tunnel.Close(_lane.Exchanges.Review.Grace - _open.Waited, _lane.Plane.Time);
        }
    }

    /// <summary>
    /// The client sees by its framing that the answer is not whole: the end of its connection is no end of the answer. Else it
    /// is HTTP/1.0's, which ends so.
    /// </summary>
    public bool ShowsItsEnd => IsHttp2 || Head.Head.Version == MessageVersion.Http11 || Context.Response.ContentLength is not null;

    /// <summary>Ends the connection, or HTTP/2's stream, so that the client knows that something is missing.</summary>
    public void BreakOff() => _presence.BreakOff();

    /// <summary>Whether the client can have such an answer.</summary>
    public bool Accepts(ReadOnlySpan<byte> source, in ResponseHead head, ReadOnlySpan<HeaderField> fields)
    {
        bool isTunnel = head.Framing == BodyFraming.Tunnel;
        if (_opening is not null)
        {
            // A success of CONNECT would be the beginning of a tunnel (RFC 8441, 5; RFC 9113, 8.5).
            return isTunnel ? Upgrades.AreAnswered(source, fields, Head.Source, Head.Fields, Head.Upgrades) && _opening.IsAcceptedBy(source, fields) : head.Status is < 200 or >= 300;
        }

        return !isTunnel || (Upgrades.AreAnswered(source, fields, Head.Source, Head.Fields, Head.Upgrades) && Context.Features.Get<IHttpUpgradeFeature>() is { IsUpgradableRequest: true });
    }

    /// <summary>Has the server switch protocols; afterwards the stream carries whatever the client says.</summary>
    public async Task<Stream> OpenTunnelAsync()
    {
        if (_opening is null)
        {
            if (Context.Features.Get<IHttpMinResponseDataRateFeature>() is { } rate)
            {
                // A tunnel has a limit of its own.
                rate.MinDataRate = null;
            }

            return await Context.Features.GetRequiredFeature<IHttpUpgradeFeature>().UpgradeAsync().ConfigureAwait(false);
        }

        Context.Response.StatusCode = StatusCodes.Status200OK;
        return await Context.Features.GetRequiredFeature<IHttpExtendedConnectFeature>().AcceptAsync().ConfigureAwait(false);
    }

    /// <summary>Forgets a failed attempt, so that another can be made.</summary>
    public void Again()
    {
        Failure = FailureReason.None;
        Fault = MessageFault.None;
        Context.Response.Clear();
    }

    /// <summary>It may come to hold so much, instead of what was said before.</summary>
    public void Reserve(int bytes)
    {
        _lane.Reserve(bytes - _reserved);
        _reserved = bytes;
    }

    public void End()
    {
        Reserve(0);
        _lane.Exchanges.Review.End(Assignment, ref _open);
        Head.End();
        ResponseSide.End();
        Failure = FailureReason.None;
        Fault = MessageFault.None;
        _presence.End();
        _requestId = null;
        _opening = null;
        Assignment = default;
        Context.Uninitialize();
    }

    private static TimeSpan ShortestOf(TimeSpan one, TimeSpan other) =>
        one <= TimeSpan.Zero ? other : other <= TimeSpan.Zero || one < other ? one : other;
}

using System.Collections.Immutable;
using System.Net;
using System.Security.Authentication;
using ActorLb.Engine.Balancing;
using ActorLb.Engine.Clients;
using ActorLb.Engine.Exchanges;
using ActorLb.Engine.Failures;
using ActorLb.Engine.Filters;
using ActorLb.Engine.Forwarding;
using ActorLb.Engine.Http1;
using ActorLb.Engine.Listeners;
using ActorLb.Engine.Measurements;
using ActorLb.Engine.Memory;
using ActorLb.Engine.OpenExchanges;
using ActorLb.Engine.ProxyProtocol;
using ActorLb.Engine.Routing;
using ActorLb.Engine.Sessions;
using ActorLb.Engine.Traces;
using ActorLb.Engine.Traffic;
using ActorLb.Shared.Settings;

namespace ActorLb.Engine.Kestrel;

/// <summary>
/// One request and its answer in the Kestrel lane: the waits and times of its life (<see cref="RequestLife"/>). Kept with the client's connection, or by the server with a stream of HTTP/2, and used again for
/// the next one.
/// </summary>
internal sealed class Exchange : IExchange
{
    /// <summary>Of the lines that bring a ticket: name, path and domain of a cookie are bounded by the configuration to less.</summary>
    public const int TicketBytesMax = 4096;

    /// <summary>A backend that has answered and takes no more of the request is not waited for longer.</summary>
    private static readonly TimeSpan HalfClosed = TimeSpan.FromSeconds(5);

    private readonly LaneParts _lane;
    private readonly Admitted _admitted;
    private readonly ServedListener _listener;
    private readonly IPAddress _peer;

    // Who ends an attempt from another thread holds it, so that it is this attempt and no later one.
    private readonly Lock _attempt = new();
    private readonly ExchangeTimer _timer;
    private Assignment _assignment;
    private Attempts _left;
    private ClientKey _statusClient;
    private RouteEffects _route;
    private ExchangeTimes _times;
    private RequestTrace _trace;
    private BackendStream? _backend;
    private Tunnel? _tunnel;
    private OpenExchange _open;
    private ClientRates _rates;
    private int _attempts;
    private int _reserved;
    private bool _isAtBackend;
    private string? _requestId;
    private int _stopped;
    private bool _isTunnel;
    private bool _isCall;

    /// <param name="certificate">The lines that backends are told of the client's; null: it showed none.</param>
    /// <param name="first">Of a connection whose requests come at the same time; null: they come one after the other.</param>
    public Exchange(LaneParts lane, ClientSide client, Admitted admitted, IPAddress peer, OwnedConnection owned, byte[]? certificate, FirstSession? first = null)
    {
        _lane = lane;
        _admitted = admitted;
        _listener = admitted.Listener;
        _peer = peer;
        _timer = new ExchangeTimer(this, lane.Plane.Time, _attempt);
        Client = client;
        Forwarded = new ForwardedClient(_listener.Settings, peer, admitted.Announced, certificate);
        Owned = owned;

        // What comes by a proxy's connection is of many.
        First = Forwarded.IsTrusted ? null : first;
        RequestSide = new RequestSide(this, lane);
        ResponseSide = new ResponseSide(this);
    }

    public ClientSide Client { get; }

    /// <summary>The name of the listener by which the request came.</summary>
    public string Listener => _listener.Settings.Name;

    public ListenerRequests ListenerRequests => _listener.Connections.Requests;

    public HttpsRedirect? HttpsRedirect => _listener.HttpsRedirect;

    public ListenerFields? ListenerFields => _listener.Fields;

    public FirstSession? First { get; }

    public UInt128? Asker => FirstAsker.Of(Forwarded, ClientKey.Of(ClientAddress), Source, Head, Fields);

    /// <inheritdoc cref="Admitted.Tls"/>
    public SslProtocols Tls => _admitted.Tls;

    /// <inheritdoc cref="Admitted.Ends"/>
    public AnnouncedClient Ends => _admitted.Ends;

    /// <summary>What backends are told of the client.</summary>
    public ForwardedClient Forwarded { get; }

    public IPAddress ClientAddress => Forwarded.IsTrusted
        ? Clients.ClientAddress.Of(_peer, _listener.Settings.TrustedProxies, RequestFields.Joined(Source, Fields, KnownField.XForwardedFor))
        : _peer;

    public BalanceKey KeyFor(BalanceSettings balance) => balance.On == HashOn.ClientAddress
        ? RequestKey.Of(ClientKey.Of(ClientAddress))
        : RequestKey.Of(balance, Source, Head, Fields, _lane.Routes.Value!);

    /// <summary>The request's head as it was read.</summary>
    public ReceivedHead Received { get; } = new();

    public ReadOnlySpan<byte> Source => Received.Source;

    public ref readonly RequestHead Head => ref Received.Head;

    public ReadOnlySpan<HeaderField> Fields => Received.Fields;

    public ReadOnlySpan<byte> RequestId => Received.RequestId;

    public bool IsSecure => Received.IsSecure(Forwarded);

    public bool IsMultiplexed => Client.IsMultiplexed;

    public bool AuthenticatesConnection => Received.AuthenticatesConnection;

    public ref ClientKey StatusClient => ref _statusClient;

    public ref RouteEffects Route => ref _route;

    public ref ExchangeTimes Times => ref _times;

    public ref RequestTrace Trace => ref _trace;

    public long Timestamp => _lane.Plane.Time.GetTimestamp();

    public MeasuringSlot MeasuringSlot => MeasuringSlot.Here;

    public bool IsRequestDone => RequestSide.IsDone;

    public bool IsBodyGone => RequestSide.IsBodyGone;

    public bool IsRepeatable => RequestSide.IsRepeatable;

    public bool IsAnswerBegun => ResponseSide.Begun;

    public bool HasAnswerHead => ResponseSide.HeadArrived;

    public int BackendStatus => ResponseSide.Status;

    public bool TryClaimBody() => RequestSide.TryClaim();

    public void FindTickets(PoolAffinity affinity, ref PresentedTickets found) => Received.FindTickets(affinity, ref found);

    public bool TryAllow(ImmutableArray<string> upgrades)
    {
        Received.Allow(upgrades);
        return !Client.OpensNothing(Received);
    }

    public RequestSide RequestSide { get; }

    public ResponseSide ResponseSide { get; }

    /// <summary>Those that were in force when it began.</summary>
    public MessageLimits Limits { get; private set; }

    /// <summary>Where the request goes now; another after a failed attempt.</summary>
    public ref Assignment Assignment => ref _assignment;

    /// <summary>That are left.</summary>
    public ref Attempts Attempts => ref _left;

    /// <summary>How the request failed, also where the client has a part of its answer by then.</summary>
    public FailureReason Failure { get; set; }

    /// <summary>What is wrong with the request, or with the backend's answer, more exactly.</summary>
    public MessageFault Fault { get; set; }

    /// <summary>That the client got, or 499 where it left before. Of a request that is over.</summary>
    public int Status =>
        Failure == FailureReason.None || Client.HasStarted || IsAnsweredByUs ? Client.Status : FailureAnswer.Of(Failure).Status;

    /// <summary>Its answer is our own.</summary>
    public bool IsAnsweredByUs { get; set; }

    /// <summary>Of the answer's body, and what the client got over a tunnel.</summary>
    public long BytesSent { get; set; }

    /// <summary>That the client sent over a tunnel.</summary>
    public long TunnelBytesTaken { get; set; }

    public string RequestIdText => _requestId ??= System.Text.Encoding.ASCII.GetString(RequestId);

    /// <summary>Why the attempt was ended from our side; None where it was not.</summary>
    public FailureReason Stopped => (FailureReason)Volatile.Read(ref _stopped);

    /// <summary>Clients are to begin their next requests on other connections. HTTP/2 has a frame for that, which the server sends.</summary>
    public bool IsLeaving => _lane.Clients.Leaving || _listener.Socket.IsLeaving;

    /// <summary>A connection to a backend that is this client's alone.</summary>
    public OwnedConnection Owned { get; }

    /// <summary>The connection of the present attempt is, or becomes, this client's alone.</summary>
    public bool Owns { get; set; }

    public bool OwesTicket => Assignment.OwesTicket;

    /// <summary>The lane's.</summary>
    public RequestLife Life => _lane.Life;

    /// <summary>The lines that bring the ticket that our own answer owes the client, or null.</summary>
    public string? TicketOfOwnAnswer
    {
        get
        {
            Span<byte> value = stackalloc byte[TicketBytesMax];
            int length = Life.WriteTicket(this, value);
            return length == 0 ? null : System.Text.Encoding.UTF8.GetString(value[..length]);
        }
    }

    /// <summary>The lines that bring the ticket that a backend's answer owes the client, or null.</summary>
    public string? TicketFor(ReadOnlySpan<byte> source, ReadOnlySpan<HeaderField> fields)
    {
        Span<byte> value = stackalloc byte[TicketBytesMax];
        int length = Life.WriteTicket(this, source, fields, value);
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

    private TimeSpan ResponseTimeout => RequestLife.ResponseTimeout(this, _lane.Limits);

    // A call of gRPC may say little for as long as both sides like: its silences count together.
    private bool IsAwaitingClient => !_isCall && RequestSide.IsAwaited && (!ResponseSide.HeadArrived || ResponseSide.IsDone);

    public void Begin()
    {
        Limits = _lane.MessageLimits;
        _isTunnel = false;
        _stopped = 0;
        IsAnsweredByUs = false;
        _open.Begin(_lane.Exchanges.Now);
        BytesSent = 0;
        TunnelBytesTaken = 0;
        ExchangeMeasurements.Began(this);
    }

    /// <summary>Takes the head; None where the request may go on.</summary>
    public FailureReason Read()
    {
        FailureReason refused = Client.Read(Received, Limits, out MessageFault fault);
        Fault = fault;
        RequestSide.Begin();
        ResponseSide.Begin();
        return refused;
    }

    /// <summary>An attempt begins on this connection.</summary>
    public void Attempt(BackendStream backend)
    {
        _backend = backend;
        _stopped = 0;
        _attempts++;
        ExchangeMeasurements.Sent(this);
        Owns = false;
        RequestSide.Again();
        ResponseSide.Begin();
        _isCall = Assignment.Pool.Settings.Protocol == BackendProtocol.Http2 && GrpcAnswer.Fits(Source, Fields);
        _timer.Begin(ShortestOf(ResponseTimeout, RequestSide.IsDone || _isCall ? TimeSpan.Zero : _lane.Limits.BodyTimeout));
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
            Client.BreakOff();
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
            : Client.BytesReceived ?? ResponseSide.BytesSent;
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
            Client.BreakOff();
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
            Interlocked.CompareExchange(ref _stopped, (int)why, 0);
            tunnel.Close(_lane.Exchanges.Review.Grace - _open.Waited, _lane.Plane.Time);
            _lane.Plane.Closed.Count(why);
        }
    }

    /// <summary>Forgets a failed attempt, so that another can be made.</summary>
    public void Again()
    {
        Failure = FailureReason.None;
        Fault = MessageFault.None;
        Client.Forget();
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
        _route = default;
        _trace = default;
        RequestSide.End();
        _lane.Exchanges.Review.End(Assignment, ref _open);
        Received.End();
        ResponseSide.End();
        Failure = FailureReason.None;
        Fault = MessageFault.None;
        _requestId = null;
        _assignment = default;
        Client.End();
    }

    private static TimeSpan ShortestOf(TimeSpan one, TimeSpan other) =>
        one <= TimeSpan.Zero ? other : other <= TimeSpan.Zero || one < other ? one : other;
}

using System.Collections.Immutable;
using System.Net;
using ActorLb.Engine.Balancing;
using ActorLb.Engine.Clients;
using ActorLb.Engine.Exchanges;
using ActorLb.Engine.Failures;
using ActorLb.Engine.Filters;
using ActorLb.Engine.Forwarding;
using ActorLb.Engine.Http1;
using ActorLb.Engine.Memory;
using ActorLb.Engine.OpenExchanges;
using ActorLb.Engine.Routing;
using ActorLb.Engine.Sessions;
using ActorLb.Engine.Traffic;
using ActorLb.Engine.Transport;
using ActorLb.Shared.Settings;
using Microsoft.Extensions.Logging;

namespace ActorLb.Engine.Epoll;

/// <summary>
/// A request in the epoll lane: the bytes, timers and waits of its life (<see cref="RequestLife"/>). Used again for other requests of
/// its loop.
/// </summary>
internal sealed class Exchange : TimedEntry, IExchange
{
    private readonly RequestSide _request;
    private readonly ResponseSide _response;
    private readonly BackendDial _dial;
    private readonly Placement _placement;
    private AccessEntry? _access;
    private ClientKey _statusClient;
    private RouteEffects _route;
    private bool _isLogged;
    private ClientConnection _client = null!;
    private Stage _stage;
    private Patience _patience;
    private OpenExchange _open;
    private ClientRates _rates;
    private int _reserved;

    public Exchange(LaneLoop loop)
    {
        Loop = loop;
        Held = new HeldHead(loop);
        _request = new RequestSide(this);
        _response = new ResponseSide(this);
        _dial = new BackendDial(this);
        _placement = new Placement(this, _dial);
    }

    private enum Stage : byte
    {
        Over,
        Placing,
        Forwarding,
        Tunnelling,
    }

    /// <summary>Where <see cref="LoopExchanges"/> has it.</summary>
    public int Index { get; set; }

    public LaneLoop Loop { get; }

    public LaneParts Lane => Loop.Parts;

    public ClientConnection Client => _client;

    public RequestSide Request => _request;

    public Tunnel Tunnel { get; } = new();

    public ref Assignment Assignment => ref _placement.Assignment;

    public ref Attempts Attempts => ref _placement.Attempts;

    public ref ClientKey StatusClient => ref _statusClient;

    public ReadOnlySpan<byte> Source => Held.Source;

    public ref readonly RequestHead Head => ref Held.Head;

    public ReadOnlySpan<HeaderField> Fields => Held.Fields();

    public ReadOnlySpan<byte> RequestId => Held.RequestId;

    public ForwardedClient Forwarded => _client.Forwarded;

    public IPAddress ClientAddress => Held.Address;

    public string Listener => _client.Listener.Settings.Name;

    public HttpsRedirect? HttpsRedirect => _client.Listener.HttpsRedirect;

    public StrictTransport? StrictTransport => _client.Listener.StrictTransport;

    public bool IsSecure => Held.IsSecure;

    public bool IsMultiplexed => false;

    public bool AuthenticatesConnection => Held.AuthenticatesConnection;

    public ref RouteEffects Route => ref _route;

    public bool IsRequestDone => _request.IsDone;

    public bool IsBodyGone => _request.IsBodyGone;

    public bool IsRepeatable => _request.IsRepeatable;

    public bool IsAnswerBegun => _response.Begun;

    public bool HasAnswerHead => _response.HeadArrived;

    public int BackendStatus => _response.Status;

    /// <summary>
    /// Of all attempts of the requests that used this object: what was asked for one of them finds by it that it comes too late.
    /// </summary>
    public int AttemptNumber { get; private set; }

    /// <summary>The request's head.</summary>
    public HeldHead Held { get; }

    /// <summary>Those that were in force when it began.</summary>
    public MessageLimits Limits { get; private set; }

    /// <summary>The client is to begin its next request on another connection.</summary>
    public bool IsLeaving => Lane.Clients.Leaving || _client.Listener.Socket.IsLeaving;

    /// <summary>What Host says where an HTTP/1.0 client named none.</summary>
    public ReadOnlySpan<byte> BackendHost => System.Text.Encoding.ASCII.GetBytes(Assignment.Backend!.Address.Authority);

    public bool IsTunnel => _stage == Stage.Tunnelling;

    /// <summary>None: requests of HTTP/1.1 are answered one after the other, and each answer may bring a ticket before the next request.</summary>
    public FirstSession? First => null;

    /// <summary>Before its body is asked for.</summary>
    public UInt128? Asker => FirstAsker.Of(Forwarded, ClientKey.Of(ClientAddress), Source, Head, Fields);

    /// <summary>Before its body is asked for.</summary>
    public BalanceKey KeyFor(BalanceSettings balance) => balance.On == HashOn.ClientAddress
        ? RequestKey.Of(ClientKey.Of(ClientAddress))
        : RequestKey.Of(balance, Source, Head, Fields, Loop.Routes);

    public bool TryClaimBody() => true;

    public void FindTickets(PoolAffinity affinity, ref PresentedTickets found) => Held.FindTickets(affinity, ref found);

    public bool TryAllow(ImmutableArray<string> upgrades)
    {
        Held.Allow(upgrades);
        return true;
    }

    /// <summary>Begins with a request whose head was just read into the loop's fields.</summary>
    /// <param name="headLength">Bytes of the head, at the beginning of the client's input.</param>
    public void Begin(ClientConnection client, in RequestHead head, int headLength)
    {
        _client = client;
        Limits = Loop.MessageLimits;
        Held.Hold(client, head, headLength);
        _patience.Begin();
        _open.Begin(Loop.Events.Now);
        _stage = Stage.Placing;
        _isLogged = Lane.Plane.AccessLog is not null;
        if (_isLogged)
        {
            _access ??= new AccessEntry(Lane.Plane.Time);
            _access.Begin(Held.Source, head, Held.Fields());
        }

        _request.Begin();
        _response.Begin();
        _reserved = MemoryShares.Of(!_request.IsDone);
        Enter(Lane.Life.Open(this, Loop.TryReserve(_reserved), Loop.Limits.BodyBytesMax, Loop.Routes));
    }

    /// <summary>Goes on with an attempt on the loop's thread, if it is not over by then. From any thread.</summary>
    public void Post(int attempt, Action work) => Loop.Events.Post(() =>
    {
        if (AttemptNumber != attempt)
        {
            return;
        }

        try
        {
            work();
        }
        catch
        {
            OnFault();
            throw;
        }
    });

    /// <summary>There is news of one of the sockets.</summary>
    public void Advance()
    {
        if (_stage is not (Stage.Forwarding or Stage.Tunnelling))
        {
            if (_client.PeerEnded && _placement.IsQueued)
            {
                _patience.Shorten(Loop.Events, this);
            }

            return;
        }

        if (_response.IsHeld)
        {
            return;
        }

        BackendConnection backend = _dial.Connection!;
        Stage before;
        PumpResult sent;
        PumpResult received;
        do
        {
            before = _stage;
            sent = _request.Pump(backend);
            if (sent is PumpResult.ClientLost or PumpResult.Refused)
            {
                if (Tunnel.IsClosing)
                {
                    Finish();
                }
                else
                {
                    StopRequest(sent);
                }

                return;
            }

            // Where the backend takes no more, it may have answered before: what it sent comes first.
            received = _response.Pump(backend);
        }
        while (_stage != before);

        switch (received)
        {
            case PumpResult.Waiting when _response.IsHeld:
                break;
            case not (PumpResult.Waiting or PumpResult.Busy) when Tunnel.IsClosing:
            case PumpResult.Waiting when Tunnel.IsClosing && backend.IsLost && !_client.IsSending:
                Finish();
                break;
            case PumpResult.ClientLost:
                OnClientLost();
                break;
            case PumpResult.BackendLost:
                Fail(_response.Begun || !backend.IsReused ? FailureReason.BackendReset : FailureReason.BackendStale);
                break;
            case PumpResult.Refused:
                Fail(_response.Failure, fault: _response.Fault);
                break;
            case PumpResult.Done when sent == PumpResult.Done || !(IsTunnel || AwaitsRequest(backend, sent)):
                Finish();
                break;
            case PumpResult.Waiting when backend.IsLost && !_client.IsSending:
                Fail(_response.Begun || !backend.IsReused ? FailureReason.BackendReset : FailureReason.BackendStale);
                break;
            default:
                Wait(isBusy: sent == PumpResult.Busy || received == PumpResult.Busy);
                break;
        }
    }

    /// <summary>
    /// The backend's connection is authenticated, or is to be: it serves this client alone from now on. False where that
    /// client is a proxy that may have none.
    /// </summary>
    public bool TryOwn(BackendConnection backend)
    {
        if (!RequestLife.MayOwn(this, Assignment.Pool))
        {
            return false;
        }

        backend.BelongTo(_client, Assignment.Backend!);
        return true;
    }

    /// <summary>The connection that was begun for this exchange is there, or has failed.</summary>
    /// <param name="error">0, or an error's number, negated.</param>
    public void OnConnected(int error) => _dial.OnConnected(error);

    /// <summary>The backend's connection is there: the request goes out.</summary>
    public void Forward(BackendConnection backend)
    {
        // The connect's deadline is over, and says nothing about the answer.
        _stage = Stage.Forwarding;
        _patience.Renew();
        _response.Begin();
        _request.SendHead(backend);
        Advance();
    }

    /// <summary>An attempt has failed: another one where that is safe, else our own answer.</summary>
    /// <param name="fault">What is wrong with the backend's answer, more exactly.</param>
    public void Fail(FailureReason failure, Exception? cause = null, MessageFault fault = MessageFault.None)
    {
        if (failure == FailureReason.BackendStale && _dial.Connection is { } stale)
        {
            stale.ClosedAsIdle(stale.WasKeptFor);
        }

        _dial.Close();
        bool again = Lane.Life.Failed(this, failure, cause, fault);
        if (_response.HeadArrived)
        {
            Abort(failure);
        }
        else if (again)
        {
            _stage = Stage.Placing;
            AttemptNumber++;
            _placement.Retry(failure);
        }
        else
        {
            Answer(failure, fault);
        }
    }

    /// <summary>The client's connection is gone: nobody waits for an answer.</summary>
    public void OnClientLost()
    {
        if (_stage == Stage.Forwarding && IsAnswered)
        {
            // It has what it came for, and need not send the rest of what nobody reads.
            Finish(mayKeepClient: false);
            return;
        }

        if (_stage != Stage.Placing)
        {
            Lane.Life.Left(this);
        }

        Abort(FailureReason.ClientGone);
    }

    /// <summary>Something threw in the midst of it: both connections end.</summary>
    protected internal override void OnFault()
    {
        if (_stage != Stage.Over)
        {
            Abort(FailureReason.InternalError);
        }
    }

    /// <summary>Bytes of the answer's body are on their way to the client.</summary>
    public void CountSent(int bytes)
    {
        if (_isLogged)
        {
            _access!.BytesSent += bytes;
        }
    }

    public void BeginTunnel(bool isWebSocket)
    {
        _patience.Renew();
        _stage = Stage.Tunnelling;
        Assignment.Backend!.Traffic.TunnelBegan();
        Tunnel.Begin(isWebSocket);
        Loop.GiveBack(_reserved - MemoryShares.Tunnel);
        _reserved = MemoryShares.Tunnel;
        _request.BeginTunnel();
    }

    /// <summary>Looks whether it may stay, where it is open for longer than most.</summary>
    public void Look()
    {
        OpenExchangeReview review = Lane.Review;
        long age = Loop.IsClosing ? 0 : (long)review.Period.TotalMilliseconds;
        if (_stage is not (Stage.Forwarding or Stage.Tunnelling) || !_open.IsOlderThan(age, Loop.Events.Now))
        {
            return;
        }

        if (!IsTunnel && LookAtRates() != FailureReason.None)
        {
            return;
        }

        ExchangeKind kind = IsTunnel ? ExchangeKind.Tunnel : _response.IsStream ? ExchangeKind.Stream : ExchangeKind.Answer;
        FailureReason why = review.Look(Assignment, kind, Loop.IsClosing, ref _open);
        if (why == FailureReason.None)
        {
            _open.Stay();
        }
        else if (Tunnel.IsClosing)
        {
            // It has been asked.
        }
        else if (!_open.IsOver(_open.IsLeaving ? default : review.TimeLeft(Assignment, kind, why), Loop.Events.Now))
        {
            Loop.Exchanges.LookAgain(_open.LeavesAt);
        }
        else if (IsTunnel)
        {
            CloseTunnel(why);
        }
        else
        {
            CutOff(why);
        }
    }

    /// <summary>Ends it at once: as a failure that is nobody's fault.</summary>
    public void CutOff(FailureReason why)
    {
        if (!Tunnel.IsClosing)
        {
            Lane.Plane.Closed.Count(why);
        }

        if (IsTunnel)
        {
            EndTunnel(why);
        }
        else if (_response.HeadArrived)
        {
            Lane.Life.Answered(this);
            Abort(why);
        }
        else
        {
            Fail(why);
        }
    }

    /// <param name="limit">From now on; zero: there is none.</param>
    public void SetTimer(TimeSpan limit) => Loop.Events.Timers.Set(
        this, limit > TimeSpan.Zero ? Loop.Events.Now + (long)limit.TotalMilliseconds : TimerWheel.Never);

    /// <summary>Answers in place of a backend.</summary>
    public void Answer(FailureReason failure, MessageFault fault = MessageFault.None)
    {
        OwnAnswer answer = Lane.Life.Answer(this, failure, fault);
        Span<byte> ticket = Loop.Scratch[^BufferPool.MediumBytes..];
        int ticketLength = Lane.Life.WriteTicket(this, ticket);
        var target = new HeadBuffer(Loop.Scratch[..^BufferPool.MediumBytes]);
        answer.Write(ref target, RequestId, Loop.Date.Now, ticket[..ticketLength]);
        CountSent(answer.HasNoBody ? 0 : answer.Body.Length);
        Report(answer.Status, failure);
        _request.SkipHead();
        ClientConnection client = _client;
        End();
        client.Answer(target.Written, answer.Closes);
    }

    protected internal override void OnDue()
    {
        switch (_stage)
        {
            case Stage.Placing when _placement.IsQueued && _patience.IsOver(Loop.Events.Now):
                OnClientLost();
                break;
            case Stage.Placing when _placement.IsQueued:
                Assignment.Backend!.Traffic.QueueTookTooLong();
                Answer(FailureReason.QueueTimeout);
                break;
            case Stage.Placing:
                Fail(FailureReason.ConnectTimeout);
                break;
            case Stage.Tunnelling when Tunnel.IsClosing:
                EndTunnel(Tunnel.Closing);
                break;
            case Stage.Tunnelling when (_request.IsDone || _response.IsDone) && !_client.IsSending:
            case Stage.Forwarding when IsAnswered:
                Finish();
                break;
            case Stage.Forwarding when _response.HeadArrived && _client.IsSending:
                Lane.Life.Answered(this);
                Abort(FailureReason.ClientTimeout);
                break;
            case Stage.Forwarding when _response.HeadArrived:
                Fail(FailureReason.BackendTimeout);
                break;
            case Stage.Tunnelling:
                CloseTunnel(FailureReason.TunnelTimeout);
                break;
            case Stage.Forwarding when _patience.IsOver(Loop.Events.Now):
                OnClientLost();
                break;
            case Stage.Forwarding when IsAwaitingClient:
                Answer(FailureReason.ClientTimeout);
                break;
            case Stage.Forwarding:
                Fail(FailureReason.BackendTimeout);
                break;
        }
    }

    private void Enter(in Opening opening)
    {
        if (opening.Asked is not null)
        {
            _ = AskAsync(opening);
        }
        else if (opening.Refused == FailureReason.None)
        {
            _placement.Begin(opening.Pool!);
        }
        else
        {
            Answer(opening.Refused);
        }
    }

    private async Task AskAsync(Opening opening)
    {
        int attempt = AttemptNumber;
        FilterVerdict verdict;
        try
        {
            verdict = await opening.Asked!.ConfigureAwait(false);
        }
        catch (Exception e)
        {
            Lane.Logger.LogError(e, "A request failed within the balancer.");
            verdict = new(FailureReason.InternalError);
        }

        Post(attempt, () => Enter(Lane.Life.GoOn(this, opening, verdict)));
    }

    private Awaited WhoIsAwaited =>
        IsTunnel ? _request.IsDone || _response.IsDone ? Awaited.LastEnd : Awaited.TunnelsEnds
        : IsAnswered && _dial.Connection!.IsSending ? Awaited.LastEnd
        : IsAwaitingClient ? Awaited.Client : Awaited.Backend;

    private bool IsAwaitingClient => !_request.IsDone && !_dial.Connection!.IsSending && (!_response.HeadArrived || _response.IsDone);

    /// <summary>The client has its whole answer, although its request may still be on its way.</summary>
    private bool IsAnswered => _response.IsDone && !_client.IsSending;

    /// <summary>Ends it where its client is slower than it must be; None: it goes on.</summary>
    private FailureReason LookAtRates()
    {
        bool awaitsReader = _client.IsSending && !_response.IsStream;
        FailureReason slow = _rates.Look(
            Loop.Limits, AttemptNumber, IsAwaitingClient, _client.BytesReceived, awaitsReader, awaitsReader ? _client.BytesTaken : 0, Loop.Events.Now);
        if (slow == FailureReason.None)
        {
            return slow;
        }

        if (IsAnswered)
        {
            Finish();
        }
        else if (slow == FailureReason.BodyTooSlow && !_response.HeadArrived)
        {
            Answer(slow);
        }
        else
        {
            Lane.Life.Answered(this);
            Abort(slow);
        }

        return slow;
    }

    // None where a backend answered.
    private void Report(int status, FailureReason failure)
    {
        if (_isLogged && Lane.Plane.AccessLog is { } log)
        {
            _access!.Write(log, this, status, failure);
        }
    }

    private void Wait(bool isBusy)
    {
        if (isBusy)
        {
            Loop.Events.Resume(_client);
        }

        if (Tunnel.IsClosing)
        {
            // Its time is limited, whatever moves.
            return;
        }

        Awaited awaited = WhoIsAwaited;
        if (_patience.HasMoved(_client.BytesMoved + _dial.Connection!.BytesMoved, awaited))
        {
            SetTimer(awaited switch
            {
                Awaited.TunnelsEnds => Loop.Limits.TunnelTimeout,
                Awaited.LastEnd => Patience.HalfClosed,
                Awaited.Client => Loop.Limits.BodyTimeout,
                _ => RequestLife.ResponseTimeout(this, Loop.Limits),
            });
        }

        if (!IsTunnel && _client.PeerEnded && _request.IsDone && !_response.HeadArrived)
        {
            _patience.Shorten(Loop.Events, this);
        }
    }

    // A server may answer before it has the whole request, and keep the connection: then it reads on.
    private bool AwaitsRequest(BackendConnection backend, PumpResult sent) =>
        sent is PumpResult.Waiting or PumpResult.Busy && !_response.Closes && _response.KeepsBackend && !backend.PeerEnded;

    // Once for each: whoever is told why waits for no other reason.
    private void CloseTunnel(FailureReason why)
    {
        if (!Tunnel.IsClosing)
        {
            Lane.Plane.Closed.Count(why);
            Tunnel.Close(why);
            TimeSpan left = Lane.Review.Grace - _open.Waited;
            SetTimer(left > TimeSpan.Zero ? left : TimeSpan.FromMilliseconds(1));
            Advance();
        }
    }

    /// <summary>The client, or the backend, took too long to end the tunnel.</summary>
    private void EndTunnel(FailureReason why)
    {
        if (Tunnel.IsTold)
        {
            Tunnel.TellBackend(_dial.Connection!);
            Finish();
        }
        else
        {
            Lane.Life.Answered(this);
            Abort(why);
        }
    }

    private void StopRequest(PumpResult why)
    {
        if (why == PumpResult.ClientLost || _response.HeadArrived)
        {
            OnClientLost();
        }
        else
        {
            MessageFault fault = _request.Fault;
            Answer(fault == MessageFault.None ? _request.Failure : FaultMeaning.Of(fault).Failure, fault);
        }
    }

    /// <summary>The whole answer is with the client.</summary>
    private void Finish(bool mayKeepClient = true)
    {
        Lane.Life.Answered(this);
        BackendConnection backend = _dial.Connection!;
        bool keepsClient = mayKeepClient && !_response.Closes && _request.IsDone;
        if (_response.KeepsBackend && _request.IsDone && !IsTunnel && backend.IsClean && (backend.Owner is null || keepsClient))
        {
            _dial.Keep();
        }

        Report(_response.Status, Tunnel.Closing);
        _request.SkipHead();
        ClientConnection client = _client;
        End();
        client.OnAnswered(keepsClient);
    }

    /// <summary>
    /// Ends both connections before the answer is whole, which it is not to look like. Where its framing shows that, the client
    /// gets what there is of it and then the end; a reset might take away what it has not read.
    /// </summary>
    private void Abort(FailureReason why)
    {
        Report(_response.HeadArrived ? _response.Status : FailureAnswer.Of(why).Status, why);
        ClientConnection client = _client;
        bool ends = _response.ShowsItsEnd && FailureAnswer.Of(why).LeavesClient;
        if (ends)
        {
            client.OwnOutput();
            _request.SkipHead();
        }

        End();
        if (ends)
        {
            client.OnAnswered(keeps: false);
        }
        else
        {
            client.Abort();
        }
    }

    private void End()
    {
        AttemptNumber++;
        if (IsTunnel)
        {
            Assignment.Backend!.Traffic.TunnelEnded();
            Tunnel.End();
        }

        Loop.GiveBack(_reserved);
        _reserved = 0;
        _route = default;
        Lane.Review.End(Assignment, ref _open);
        _dial.Close();
        _request.End();
        _placement.End();
        _stage = Stage.Over;
        _client = null!;
        Loop.Events.Timers.Set(this, TimerWheel.Never);
        if (ReferenceEquals(Loop.FieldsOf, Held))
        {
            Loop.FieldsOf = null;
        }

        Loop.Exchanges.Return(this);
    }
}

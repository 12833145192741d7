using ActorLb.Engine.AccessLogs;
using ActorLb.Engine.Exchanges;
using ActorLb.Engine.Failures;
using ActorLb.Engine.Filters;
using ActorLb.Engine.Forwarding;
using ActorLb.Engine.Http1;
using ActorLb.Engine.Memory;
using ActorLb.Engine.Transport;

namespace ActorLb.Engine.Epoll;

/// <summary>
/// A request in the epoll lane: the bytes, timers and waits of its life (<see cref="RequestLife"/>). Used again for other requests of
/// its loop.
/// </summary>
internal sealed class Exchange : TimedEntry
{
    private readonly RequestSide _request;
    private readonly ResponseSide _response;
    private readonly BackendDial _dial;
    private readonly Placement _placement;
    private readonly ExchangeWatch _watch;
    private AccessEntry? _access;
    private bool _isLogged;
    private ClientConnection _client = null!;
    private Stage _stage;
    private Patience _patience;
    private int _reserved;

    public Exchange(LaneLoop loop)
    {
        Loop = loop;
        Held = new HeldHead(loop);
        _request = new RequestSide(this);
        _response = new ResponseSide(this);
        _dial = new BackendDial(this);
        _placement = new Placement(this, _dial);
        _watch = new ExchangeWatch(this, _response);
        Facts = new ExchangeFacts(this, Held, _request, _response, _placement);
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

    /// <summary>What the steps of its life see of it.</summary>
    public ExchangeFacts Facts { get; }

    /// <summary>
    /// Of all attempts of the requests that used this object: what was asked for one of them finds by it that it comes too late.
    /// </summary>
    public int AttemptNumber { get; private set; }

    /// <summary>The request's head.</summary>
    public HeldHead Held { get; }

    /// <summary>Those that were in force when it began.</summary>
    public MessageLimits Limits { get; private set; }

    /// <summary>What Host says where an HTTP/1.0 client named none.</summary>
    public ReadOnlySpan<byte> BackendHost => System.Text.Encoding.ASCII.GetBytes(Facts.Assignment.Backend!.Address.Authority);

    /// <summary>Bytes of the answer's body that were handed on to the client, or of what came over its tunnel.</summary>
    public long BytesSent { get; private set; }

    public bool IsTunnel => _stage == Stage.Tunnelling;

    /// <summary>A backend has it, and owes an answer or the end of a tunnel.</summary>
    public bool IsAtBackend => _stage is Stage.Forwarding or Stage.Tunnelling;

    /// <summary>The backend owes nothing, and waits for the request to go on.</summary>
    public bool IsAwaitingClient => !_request.IsDone && !_dial.Connection!.IsSending && (!_response.HeadArrived || _response.IsDone);

    /// <summary>Begins with a request whose head was just read into the loop's fields.</summary>
    /// <param name="headLength">Bytes of the head, at the beginning of the client's input.</param>
    public void Begin(ClientConnection client, in RequestHead head, int headLength)
    {
        _client = client;
        Limits = Loop.MessageLimits;
        Held.Hold(client, head, headLength);
        BytesSent = 0;
        ExchangeMeasurements.Began(Facts);
        _patience.Begin();
        _watch.Begin();
        _stage = Stage.Placing;
        AccessLog? log = Lane.Plane.AccessLog;
        _isLogged = log is not null;
        if (log is not null)
        {
            _access ??= new AccessEntry();
            _access.Begin(log.Fields, Held.Source, head, Held.Fields());
        }

        _request.Begin();
        _response.Begin();
        _reserved = MemoryShares.Of(!_request.IsDone);
        Enter(Lane.Life.Open(Facts, Loop.TryReserve(_reserved), Loop.Limits.BodyBytesMax, Loop.Routes));
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
        if (!IsAtBackend)
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
            case PumpResult.BackendLost when HasTunnelEnded:
            case PumpResult.Waiting when backend.IsLost && !_client.IsSending && HasTunnelEnded:
                Finish(looksWhole: Tunnel.HasClosed);
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
        if (!RequestLife.MayOwn(Facts, Facts.Assignment.Pool))
        {
            return false;
        }

        backend.BelongTo(_client, Facts.Assignment.Backend!);
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
        ExchangeMeasurements.Sent(Facts);
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
        bool again = Lane.Life.Failed(Facts, failure, cause, fault);
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
            Lane.Life.Left(Facts);
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
    public void CountSent(int bytes) => BytesSent += bytes;

    public void BeginTunnel(bool isWebSocket)
    {
        _patience.Renew();
        _stage = Stage.Tunnelling;
        Facts.Assignment.Backend!.Traffic.TunnelBegan();
        Tunnel.Begin(isWebSocket);
        Loop.GiveBack(_reserved - MemoryShares.Tunnel);
        _reserved = MemoryShares.Tunnel;
        _request.BeginTunnel();
    }

    /// <summary>Looks whether it may stay, where it is open for longer than most.</summary>
    public void Look() => _watch.Look();

    /// <summary>Ends it because its client is slower than it must be.</summary>
    public void GiveUp(FailureReason slow)
    {
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
            Lane.Life.Answered(Facts);
            Abort(slow);
        }
    }

    /// <summary>Tells both sides of a tunnel to end it. Once for each: whoever is told why waits for no other reason.</summary>
    public void CloseTunnel(FailureReason why)
    {
        if (!Tunnel.IsClosing)
        {
            Lane.Plane.Closed.Count(why);
            Tunnel.Close(why);
            TimeSpan left = _watch.GraceLeft;
            SetTimer(left > TimeSpan.Zero ? left : TimeSpan.FromMilliseconds(1));
            Advance();
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
            Lane.Life.Answered(Facts);
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
        OwnAnswer answer = Lane.Life.Answer(Facts, failure, fault);
        Span<byte> ticket = Loop.Scratch[^BufferPool.MediumBytes..];
        int ticketLength = Lane.Life.WriteTicket(Facts, ticket);
        var target = new HeadBuffer(Loop.Scratch[..^BufferPool.MediumBytes]);
        answer.Write(ref target, Facts.RequestId, Loop.Date.Now, ticket[..ticketLength]);
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
                Facts.Assignment.Backend!.Traffic.QueueTookTooLong();
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
                Lane.Life.Answered(Facts);
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
            Forwarding.Log.RequestFailedWithin(Lane.Logger, e);
            verdict = new(FailureReason.InternalError);
        }

        Post(attempt, () => Enter(Lane.Life.GoOn(Facts, opening, verdict)));
    }

    private Awaited WhoIsAwaited =>
        IsTunnel ? _request.IsDone || _response.IsDone ? Awaited.LastEnd : Awaited.TunnelsEnds
        : IsAnswered && _dial.Connection!.IsSending ? Awaited.LastEnd
        : IsAwaitingClient ? Awaited.Client : Awaited.Backend;

    /// <summary>The client has its whole answer, although its request may still be on its way.</summary>
    private bool IsAnswered => _response.IsDone && !_client.IsSending;

    // How a backend closes what has ended is no failure: one with something unread resets it.
    private bool HasTunnelEnded => IsTunnel && (_request.IsDone || Tunnel.HasClosed);

    // None where a backend answered.
    private void Report(int status, FailureReason failure)
    {
        Lane.Life.Measured.Ended(Facts, status, failure, _request.BytesTaken, BytesSent);
        if (_isLogged && Lane.Plane.AccessLog is { } log)
        {
            _access!.Write(log, Lane.Plane.Time, this, new AccessOutcome(status, failure, _request.BytesTaken, BytesSent));
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
                _ => RequestLife.ResponseTimeout(Facts, Loop.Limits),
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
            Lane.Life.Answered(Facts);
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
    /// <param name="looksWhole">False: the client may still have expected something, and is to see that nothing more comes.</param>
    private void Finish(bool mayKeepClient = true, bool looksWhole = true)
    {
        Lane.Life.Answered(Facts);
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
        if (looksWhole)
        {
            client.OnAnswered(keepsClient);
        }
        else
        {
            client.Abort();
        }
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
            Facts.Assignment.Backend!.Traffic.TunnelEnded();
            Tunnel.End();
        }

        Loop.GiveBack(_reserved);
        _reserved = 0;
        _watch.End(Facts.Assignment);
        _dial.Close();
        _request.End();
        _placement.End();
        Facts.End();
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

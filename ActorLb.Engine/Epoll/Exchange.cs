using System.ComponentModel;
using System.Net;
using System.Text;
using ActorLb.Engine.Forwarding;
using ActorLb.Engine.Http1;
using ActorLb.Engine.Sessions;
using ActorLb.Engine.Traffic;
using ActorLb.Engine.Transport;
using ActorLb.Shared.Backends;
using ActorLb.Shared.Routing;
using Microsoft.Extensions.Logging;

namespace ActorLb.Engine.Epoll;

/// <summary>
/// The life of a request in the epoll lane: route, assign, connect, forward, try again where that is safe, answer.
/// Used again for other requests of its loop.
/// </summary>
internal sealed class Exchange : TimedEntry
{
    private readonly RequestSide _request;
    private readonly ResponseSide _response;
    private ClientConnection _client = null!;
    private BackendConnection? _backend;
    private Assignment _assignment;
    private RequestHead _head;
    private RequestId _requestId;
    private Attempts _attempts;
    private Stage _stage;

    // Counts the requests that used this object: what was asked for another one finds that it is over.
    private int _run;

    private long _halfClosedAt;

    // Whose request in flight this is.
    private BackendTraffic? _counted;

    public Exchange(LaneLoop loop)
    {
        Loop = loop;
        _request = new RequestSide(this);
        _response = new ResponseSide(this);
    }

    /// <summary>
    /// How long a client that has ended its side is waited for: it may want the answer, or be gone, and nobody can tell
    /// (as HAProxy's timeout client-fin).
    /// </summary>
    private const long HalfClosedMilliseconds = 5000;

    private enum Stage : byte
    {
        Over,

        /// <summary>Its session's owner, or a name server, is asked.</summary>
        Asking,
        Connecting,
        Forwarding,
        Tunnelling,
    }

    public LaneLoop Loop { get; }

    public LaneParts Lane => Loop.Parts;

    public ClientConnection Client => _client;

    public RequestSide Request => _request;

    /// <summary>The request's head, by offsets into the client's buffer.</summary>
    public ref readonly RequestHead Head => ref _head;

    public int HeadLength { get; private set; }

    public ReadOnlySpan<byte> RequestId => _requestId.Value;

    /// <summary>What Host says where an HTTP/1.0 client named none.</summary>
    public ReadOnlySpan<byte> BackendHost => Encoding.ASCII.GetBytes(_assignment.Backend!.Address.Authority);

    /// <summary>Another protocol than HTTP/2 in the clear, behind which anybody could speak past the balancer; and no body before it.</summary>
    public bool AsksUpgrade { get; private set; }

    public bool OwesTicket => _assignment.NeedsTicket;

    public bool IsTunnel => _stage == Stage.Tunnelling;

    public int WriteTicket(Span<byte> target) => Lane.Director.WriteTicket(_assignment, secure: false, target);

    /// <summary>The head's fields; read again where another request was read meanwhile.</summary>
    public ReadOnlySpan<HeaderField> Fields()
    {
        if (!ReferenceEquals(Loop.FieldsOf, this))
        {
            RequestParser.Parse(_client.Input.Unread[..HeadLength], Lane.MessageLimits, Loop.RequestFields, out _);
            Loop.FieldsOf = this;
        }

        return Loop.RequestFields.AsSpan(0, _head.Fields.Count);
    }

    /// <summary>Begins with a request whose head was just read into the loop's fields.</summary>
    /// <param name="headLength">Bytes of the head, at the beginning of the client's input.</param>
    public void Begin(ClientConnection client, in RequestHead head, int headLength)
    {
        _client = client;
        _head = head;
        HeadLength = headLength;
        Loop.FieldsOf = this;
        _assignment = default;
        _halfClosedAt = 0;
        _stage = Stage.Asking;
        ReadOnlySpan<byte> source = client.Input.Unread[..headLength];
        ReadOnlySpan<HeaderField> fields = Loop.RequestFields.AsSpan(0, head.Fields.Count);
        _requestId.Choose(OnlyValue(source, fields, KnownField.XRequestId));
        AsksUpgrade = head.Has(RequestTraits.AsksUpgrade)
            && head.Framing == BodyFraming.None
            && !ListMembers.Contains(OnlyValue(source, fields, KnownField.Upgrade), "h2c"u8);
        _request.Begin();
        _response.Begin();
        if (Lane.Limits.BodyBytesMax > 0 && head.ContentLength > Lane.Limits.BodyBytesMax)
        {
            Answer(FailureReason.RequestTooLarge);
        }
        else if (Loop.Routes.Find(source, head) is not { } pool)
        {
            Answer(FailureReason.NoRoute);
        }
        else
        {
            _attempts = new Attempts(pool.Settings.RetryAttempts);
            Continue(Assign(pool, source, fields), FailureReason.NoBackend);
        }
    }

    /// <summary>There is news of one of the sockets.</summary>
    public void Advance()
    {
        if (_stage is not (Stage.Forwarding or Stage.Tunnelling))
        {
            return;
        }

        Stage before;
        PumpResult sent;
        PumpResult received;
        do
        {
            before = _stage;
            sent = _request.Pump(_backend!);
            if (sent is PumpResult.ClientLost or PumpResult.Refused)
            {
                StopRequest(sent);
                return;
            }

            // Where the backend takes no more, it may have answered before: what it sent comes first.
            received = _response.Pump(_backend!);
        }
        while (_stage != before);

        switch (received)
        {
            case PumpResult.ClientLost:
                OnClientLost();
                break;
            case PumpResult.BackendLost:
                Fail(_response.Begun || !_backend!.IsReused ? FailureReason.BackendReset : FailureReason.BackendStale);
                break;
            case PumpResult.Refused:
                Fail(FailureReason.BackendBadResponse);
                break;
            case PumpResult.Done when !IsTunnel || sent == PumpResult.Done:
                Finish();
                break;
            default:
                Wait(isBusy: sent == PumpResult.Busy || received == PumpResult.Busy);
                break;
        }
    }

    /// <summary>The connection that was begun for this exchange is there, or has failed.</summary>
    /// <param name="error">0, or an error's number, negated.</param>
    public void OnConnected(int error)
    {
        if (error != 0)
        {
            Fail(FailureReason.BackendConnectFailed, new Win32Exception(-error));
        }
        else
        {
            Forward(_backend!);
        }
    }

    /// <summary>The client's connection is gone: nobody waits for an answer.</summary>
    public void OnClientLost()
    {
        if (_assignment.Backend is { } backend && _backend is not null)
        {
            Lane.Passive.Report(backend, _assignment.Pool.Settings, RequestOutcome.ClientGone);
        }

        Abort();
    }

    public void BeginTunnel()
    {
        _stage = Stage.Tunnelling;
        _request.BeginTunnel();
    }

    /// <summary>Something threw in the midst of it: both connections end.</summary>
    public void OnFault() => Abort();

    protected internal override void OnDue()
    {
        switch (_stage)
        {
            case Stage.Connecting:
                Fail(FailureReason.ConnectTimeout);
                break;
            case Stage.Forwarding when _response.HeadArrived:
            case Stage.Tunnelling:
                Lane.Passive.Report(_assignment.Backend!, _assignment.Pool.Settings, RequestOutcome.Answered, _response.Status);
                Abort();
                break;
            case Stage.Forwarding when IsAwaitingClient:
                Answer(FailureReason.ClientTimeout);
                break;
            case Stage.Forwarding when IsClientHalfClosed && _halfClosedAt != 0:
                OnClientLost();
                break;
            case Stage.Forwarding:
                Fail(FailureReason.BackendTimeout);
                break;
        }
    }

    private bool IsAwaitingClient => !_request.IsDone && !_backend!.IsSending && !_response.HeadArrived;

    private static ReadOnlySpan<byte> OnlyValue(ReadOnlySpan<byte> source, ReadOnlySpan<HeaderField> fields, KnownField known)
    {
        foreach (ref readonly HeaderField field in fields)
        {
            if (field.Known == known)
            {
                return field.Value(source);
            }
        }

        return default;
    }

    private ValueTask<Assignment> Assign(PoolSnapshot pool, ReadOnlySpan<byte> source, ReadOnlySpan<HeaderField> fields)
    {
        Span<byte> ticket = stackalloc byte[TicketCodec.TicketBytes];
        scoped PresentedTicket presented = default;
        if (_head.Fields.Has(KnownField.Cookie) && Lane.Director.CookieOf(pool) is { } cookie)
        {
            int found = 0;
            ReadOnlySpan<byte> text = default;
            foreach (ref readonly HeaderField field in fields)
            {
                if (field.Known == KnownField.Cookie)
                {
                    cookie.Find(field.Value(source), ref found, ref text);
                }
            }

            presented = PresentedTicket.Of(found, text, ticket);
        }

        return Lane.Director.AssignAsync(pool, presented, CancellationToken.None);
    }

    /// <param name="otherwise">What is answered where there is no backend.</param>
    private void Continue(ValueTask<Assignment> assignment, FailureReason otherwise)
    {
        if (assignment.IsCompletedSuccessfully)
        {
            OnAssigned(assignment.Result, otherwise);
        }
        else
        {
            _stage = Stage.Asking;
            Loop.Events.Timers.Set(this, TimerWheel.Never);
            _ = AwaitAsync(assignment, otherwise);
        }
    }

    private async Task AwaitAsync(ValueTask<Assignment> pending, FailureReason otherwise)
    {
        int run = _run;
        Assignment assignment = default;
        try
        {
            assignment = await pending.ConfigureAwait(false);
        }
        catch (Exception e)
        {
            Lane.Logger.LogError(e, "A request failed within the balancer.");
            otherwise = FailureReason.InternalError;
        }

        Loop.Events.Post(() =>
        {
            if (_run == run)
            {
                OnAssigned(assignment, otherwise);
            }
        });
    }

    private void OnAssigned(in Assignment assignment, FailureReason otherwise)
    {
        if (assignment.Backend is { } backend)
        {
            _assignment = assignment;
            Attempt(backend);
            return;
        }

        // After a failed attempt, the answer tells of that one.
        _assignment = _assignment.Pool is null ? assignment : _assignment;
        Answer(otherwise);
    }

    private void Attempt(BackendSnapshot backend)
    {
        backend.Traffic.Began();
        _counted = backend.Traffic;
        if (Loop.Backends.Take(backend.Traffic) is { } kept)
        {
            kept.Exchange = this;
            _backend = kept;
            Forward(kept);
        }
        else if (Lane.Addresses.Find(backend.Address) is { } address)
        {
            Connect(backend, address);
        }
        else
        {
            _stage = Stage.Asking;
            _ = LookUpAsync(backend);
        }
    }

    private async Task LookUpAsync(BackendSnapshot backend)
    {
        int run = _run;
        IPEndPoint? address = await BackendAddresses.LookUpAsync(backend.Address).ConfigureAwait(false);
        Loop.Events.Post(() =>
        {
            if (_run == run)
            {
                Connect(backend, address);
            }
        });
    }

    private void Connect(BackendSnapshot backend, IPEndPoint? address)
    {
        int socket = address is null ? -1 : Loop.Events.Sockets.Connect(address);
        if (socket < 0)
        {
            Fail(FailureReason.BackendConnectFailed, address is null ? null : new Win32Exception(-socket));
            return;
        }

        _backend = new BackendConnection(Loop, backend.Traffic) { Exchange = this, IsConnecting = true };
        _stage = Stage.Connecting;
        Loop.Events.Register(_backend, socket);
        SetTimer(Lane.Limits.ConnectTimeout);
    }

    private void Forward(BackendConnection backend)
    {
        _stage = Stage.Forwarding;
        _response.Begin();
        _request.SendHead(backend);
        Advance();
    }

    private void Wait(bool isBusy)
    {
        if (isBusy)
        {
            Loop.Events.Resume(_client);
        }

        if (IsClientHalfClosed)
        {
            if (_halfClosedAt == 0)
            {
                _halfClosedAt = Loop.Events.Now;
                Loop.Events.Timers.Set(this, Math.Min(DueAt, _halfClosedAt + HalfClosedMilliseconds));
            }

            return;
        }

        SetTimer(IsTunnel || !IsAwaitingClient ? Lane.Limits.ResponseTimeout : Lane.Limits.BodyTimeout);
    }

    private bool IsClientHalfClosed => _client.PeerEnded && _request.IsDone && !_response.HeadArrived && !IsTunnel;

    private void SetTimer(TimeSpan limit) => Loop.Events.Timers.Set(
        this, limit > TimeSpan.Zero ? Loop.Events.Now + (long)limit.TotalMilliseconds : TimerWheel.Never);

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

    /// <summary>An attempt has failed: another one where that is safe, else our own answer.</summary>
    private void Fail(FailureReason failure, Exception? cause = null)
    {
        BackendSnapshot backend = _assignment.Backend!;
        bool hadHead = _response.HeadArrived;
        bool mayRetry = !hadHead
            && !_response.Begun
            && _attempts.HasLeft(failure)
            && RetryPolicy.Allows(failure, IsIdempotent, _request.BodyBegun);
        ReleaseBackend();
        if (hadHead)
        {
            Report(backend, RequestOutcome.ResetDuringResponse, failure, cause);
            Abort();
            return;
        }

        if (!mayRetry)
        {
            Report(backend, FailureAnswer.Of(failure).Outcome, failure, cause);
            Answer(failure);
            return;
        }

        _attempts.Take(failure);
        if (failure == FailureReason.BackendStale)
        {
            // Closed as idle, which says nothing about the backend: a fresh connection tells whether it lives.
            Attempt(backend);
            return;
        }

        Report(backend, FailureAnswer.Of(failure).Outcome, failure, cause);
        Continue(Lane.Director.ReassignAsync(_assignment, CancellationToken.None), failure);
    }

    private bool IsIdempotent => _head.Method
        is RequestMethod.Get or RequestMethod.Head or RequestMethod.Put or RequestMethod.Delete or RequestMethod.Options or RequestMethod.Trace;

    private void Report(BackendSnapshot backend, RequestOutcome? outcome, FailureReason failure, Exception? cause)
    {
        if (outcome is not { } ended)
        {
            return;
        }

        if (ended is not (RequestOutcome.Answered or RequestOutcome.ClientGone))
        {
            backend.Traffic.Failed();
            Lane.Failures.Tell(_assignment.Pool.Name, backend.Id, failure, cause);
        }

        Lane.Passive.Report(backend, _assignment.Pool.Settings, ended, _response.Status);
    }

    /// <summary>The whole answer is with the client.</summary>
    private void Finish()
    {
        Lane.Passive.Report(_assignment.Backend!, _assignment.Pool.Settings, RequestOutcome.Answered, _response.Status);
        BackendConnection backend = _backend!;
        bool isKept = _response.KeepsBackend && _request.IsDone && !IsTunnel && !backend.PeerEnded && backend.Input.Length == 0;
        if (isKept)
        {
            _backend = null;
            Uncount();
            Loop.Backends.Keep(backend);
        }
        else
        {
            ReleaseBackend();
        }

        bool keepsClient = !_response.Closes && _request.IsDone;
        _request.SkipHead();
        ClientConnection client = _client;
        End();
        client.OnAnswered(keepsClient);
    }

    /// <summary>Answers in place of a backend.</summary>
    private void Answer(FailureReason failure, MessageFault fault = MessageFault.None)
    {
        ReleaseBackend();
        bool closes = !_head.Has(RequestTraits.KeepAlive) || Lane.Clients.Leaving || !_request.IsDone;
        var answer = new OwnAnswer(FailureAnswer.Of(failure), fault)
        {
            Closes = closes,
            SaysKeepAlive = _head.Version == MessageVersion.Http10,
            HasNoBody = _head.Method == RequestMethod.Head,
            RetryAfterSeconds = failure == FailureReason.NoBackend ? (long)Math.Ceiling(_assignment.Pool.Settings.RetryAfter.TotalSeconds) : 0,
        };

        // A session that moved tells its client so even now; a new one is not bound to a backend that failed it.
        Span<byte> ticket = Loop.Scratch[^BufferPool.MediumBytes..];
        int ticketLength = _assignment is { IsBound: true, NeedsTicket: true } ? WriteTicket(ticket) : 0;
        var target = new HeadBuffer(Loop.Scratch[..^BufferPool.MediumBytes]);
        answer.Write(ref target, RequestId, Loop.Date.Now, ticket[..ticketLength]);
        _request.SkipHead();
        ClientConnection client = _client;
        End();
        client.Answer(target.Written, closes);
    }

    /// <summary>Ends both connections at once: what the client has of an answer is not to look whole.</summary>
    private void Abort()
    {
        ReleaseBackend();
        ClientConnection client = _client;
        End();
        client.Abort();
    }

    private void ReleaseBackend()
    {
        Uncount();
        if (_backend is { } connection)
        {
            _backend = null;
            connection.Exchange = null;
            connection.Close();
        }
    }

    private void Uncount()
    {
        _counted?.Ended();
        _counted = null;
    }

    private void End()
    {
        _run++;
        _stage = Stage.Over;
        Loop.Events.Timers.Set(this, TimerWheel.Never);
        _client = null!;
        _assignment = default;
        Loop.Return(this);
    }
}

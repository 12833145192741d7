using ActorLb.Engine.Clients;
using ActorLb.Engine.Failures;
using ActorLb.Engine.Routing;
using System.Net;
using ActorLb.Engine.Forwarding;
using ActorLb.Engine.Http1;
using ActorLb.Engine.Listeners;
using ActorLb.Engine.ProxyProtocol;
using ActorLb.Engine.Transport;
using ActorLb.Shared.Settings;

namespace ActorLb.Engine.Epoll;

/// <summary>
/// A client's connection: requests one after the other, each answered before the next is read. Nothing is read from
/// it after an error.
/// </summary>
internal sealed class ClientConnection : AcceptedConnection
{
    /// <summary>Requests that are answered without a backend before others have their turn.</summary>
    private const int RequestsPerTurn = 16;

    /// <summary>
    /// How long what a client still sends is read and dropped after the last answer: closing at once would reset the
    /// connection, and the client might lose the answer (RFC 9112, 9.6).
    /// This long after its last byte, and not much longer in all.
    /// </summary>
    private const long LingerMilliseconds = 2000;

    private const long LingerMillisecondsMax = 30_000;

    private Stage _stage;
    private Exchange? _exchange;
    private AnnouncedClient? _ends;
    private long _headStartedAt;
    private long _lingersUntil;
    private long _movedAtTimer;
    private bool _isReading;
    private bool _hasAsked;

    /// <param name="announced">What a proxy said of the client, whose address is the peer's then; null: none has.</param>
    public ClientConnection(LaneLoop loop, ServedListener listener, IPAddress peer, AnnouncedClient? announced = null)
        : base(loop, listener, peer)
    {
        Announced = announced;
        Forwarded = new ForwardedClient(listener.Settings, peer, announced);
    }

    private enum Stage : byte
    {
        Reading,
        Exchanging,

        /// <summary>The last answer is being sent.</summary>
        Ending,

        /// <summary>The last answer was sent; the client has not closed yet.</summary>
        Lingering,
        Closed,
    }

    /// <summary>What a proxy said of the client; null: none has.</summary>
    public AnnouncedClient? Announced { get; }

    /// <summary>Both ends of its connection, or of its connection to the proxy that announced it.</summary>
    public AnnouncedClient Ends => Announced ?? (_ends ??= Loop.Events.Sockets.Ends(Socket) is (var peer, var local)
        ? new AnnouncedClient(peer, local, IsTls: false)
        : new AnnouncedClient(new IPEndPoint(Peer, 0), Listener.Socket.Local, IsTls: false));

    /// <summary>What backends are told of it.</summary>
    public ForwardedClient Forwarded { get; }

    /// <summary>
    /// A connection to a backend that this client alone may use, between two of its requests. It lives as long as the
    /// client's own, however long nothing goes over it. Null: there is none.
    /// </summary>
    public BackendConnection? Owned { get; private set; }

    /// <summary>No request of it is under way.</summary>
    public override bool IsIdle => _stage == Stage.Reading && Input.Length == 0 && !IsSending;

    /// <summary>It was just accepted, or announced; then its first request may be there.</summary>
    public override void Start()
    {
        // Until its first head is there: whoever connects has something to ask.
        SetTimer(Loop.Limits.FirstByteTimeout);
        if (Input.Length > 0)
        {
            Read();
        }
        else
        {
            ReleaseInput();
        }
    }

    /// <summary>Keeps a connection that belongs to it for its next request.</summary>
    public void Keep(BackendConnection own)
    {
        own.Exchange = null;
        own.IsReused = true;
        own.ReleaseInput();
        Owned = own;
    }

    /// <summary>
    /// Its own connection, if that leads to this backend, and began with such a header. One that leads elsewhere is closed: its session has moved, or a
    /// route led its request to another pool. One whose backend has said something unasked is closed as well.
    /// </summary>
    public BackendConnection? TakeOwned(BackendSnapshot backend, ProxyHeaderVersion header)
    {
        BackendConnection? own = Owned;
        Owned = null;
        if (own is not null && !(ReferenceEquals(own.OwnedAt!.Traffic, backend.Traffic) && own.OwnedAt.Address == backend.Address && own.Header == header && own.Look() == Unread.Nothing))
        {
            own.Close();
            return null;
        }

        return own;
    }

    /// <summary>Its own connection has ended.</summary>
    public void Forget(BackendConnection own) => Owned = ReferenceEquals(Owned, own) ? null : Owned;

    /// <summary>The answer to the request under way was handed on.</summary>
    public void OnAnswered(bool keeps)
    {
        _exchange = null;
        if (!keeps)
        {
            EndSending();
            return;
        }

        _stage = Stage.Reading;
        if (_isReading)
        {
            return;
        }

        try
        {
            Read();
        }
        catch
        {
            // This may be a backend's turn, which is not to pay for it.
            OnFault();
            throw;
        }
    }

    /// <summary>Sends our own answer to the request under way.</summary>
    public void Answer(ReadOnlySpan<byte> answer, bool closes)
    {
        _exchange = null;
        SendResult sent = Send(answer);
        if (sent == SendResult.Broken)
        {
            Abort();
        }
        else if (closes)
        {
            EndSending();
        }
        else
        {
            OnAnswered(keeps: true);
        }
    }

    /// <summary>Ends the connection so that the client knows that something is missing.</summary>
    public override void Abort() => Leave(reset: true);

    /// <summary>The node waits no longer: what is under way is cut off, with an answer where none has begun.</summary>
    public override void CutOff()
    {
        if (_exchange is { } exchange)
        {
            exchange.CutOff(FailureReason.NodeStopping);
        }
        else
        {
            Leave(reset: false);
        }
    }

    /// <summary>Ends the connection; what is under way is cut off.</summary>
    public override void Close()
    {
        _exchange?.OnClientLost();
        Leave(reset: false);
    }

    protected internal override void OnReady(Readiness readiness)
    {
        Note(readiness);
        if ((readiness & Readiness.Broken) != 0 && _stage == Stage.Exchanging && !_exchange!.IsTunnel)
        {
            _exchange.OnClientLost();
        }
        else
        {
            Continue();
        }
    }

    protected internal override void OnResume() => Continue();

    protected internal override void OnDue()
    {
        if (_stage == Stage.Reading && Input.Length > 0)
        {
            Refuse(FailureReason.ClientTimeout, MessageFault.None);
        }
        else
        {
            Leave(reset: false);
        }
    }

    protected internal override void OnFault()
    {
        if (_exchange is { } exchange)
        {
            exchange.OnFault();
        }
        else
        {
            Abort();
        }
    }

    private void Continue()
    {
        switch (_stage)
        {
            case Stage.Reading:
                Read();
                break;
            case Stage.Exchanging:
                _exchange!.Advance();
                break;
            case Stage.Ending:
                EndSending();
                break;
            case Stage.Lingering:
                Drop();
                break;
        }
    }

    /// <summary>Reads requests until one waits for its backend, or no more have come.</summary>
    private void Read()
    {
        _isReading = true;
        try
        {
            int requests = 0;
            while (_stage == Stage.Reading)
            {
                switch (Flush())
                {
                    case SendResult.Blocked:
                        AwaitRoom();
                        return;
                    case SendResult.Broken:
                        Abort();
                        return;
                }

                if (requests == RequestsPerTurn)
                {
                    Loop.Events.Resume(this);
                    return;
                }

                if (TryReadRequest())
                {
                    requests++;
                }
                else if (_stage != Stage.Reading || !ReceiveMore())
                {
                    return;
                }
            }
        }
        finally
        {
            _isReading = false;
        }
    }

    /// <summary>Serves the next request if its head is there; false where more must be received, or it was refused.</summary>
    private bool TryReadRequest()
    {
        if (Input.Length == 0)
        {
            return false;
        }

        if (Listener.Socket.Successor is { } successor && Owned is not { IsAuthenticated: true } && !Loop.IsClosing)
        {
            HandOver(successor);
            return false;
        }

        ParseResult result = RequestParser.Parse(Input.Unread, Loop.MessageLimits, Loop.RequestFields, out RequestHead head);
        Loop.FieldsOf = null;
        if (result.Status == ParseStatus.Rejected)
        {
            Refuse(FaultMeaning.Of(result.Fault).Failure, result.Fault);
            return false;
        }

        if (!result.IsComplete)
        {
            return false;
        }

        Loop.Events.Timers.Set(this, TimerWheel.Never);
        _hasAsked = true;
        _headStartedAt = 0;
        _stage = Stage.Exchanging;
        _exchange = Loop.Exchanges.Rent();
        _exchange.Begin(this, head, result.Consumed);
        return true;
    }

    /// <summary>Whether something came; otherwise the connection rests, or has ended.</summary>
    private bool ReceiveMore()
    {
        switch (Receive(BufferPool.SmallBytes))
        {
            case ReceiveResult.Got:
                return true;
            case ReceiveResult.Blocked:
                Rest();
                return false;
            case ReceiveResult.Ended:
                Leave(reset: false);
                return false;
            default:
                Abort();
                return false;
        }
    }

    private void Rest()
    {
        if (Input.Length == 0 && (Loop.IsClosing || Listener.Socket.ClosesIdle))
        {
            Leave(reset: false);
        }
        else if (Input.Length == 0)
        {
            ReleaseInput();
            if (_hasAsked)
            {
                SetTimer(Loop.Limits.IdleTimeout);
            }
        }
        else if (_headStartedAt == 0 && (_hasAsked || Loop.Limits.HeaderTimeout <= TimeSpan.Zero))
        {
            // From the first byte: one that comes now and then does not buy more time.
            _headStartedAt = Loop.Events.Now;
            SetTimer(Loop.Limits.HeaderTimeout);
        }
    }

    private void Refuse(FailureReason failure, MessageFault fault)
    {
        var id = default(RequestId);
        id.Choose(default);
        var target = new HeadBuffer(Loop.Scratch);
        var answer = new OwnAnswer(FailureAnswer.Of(failure), fault) { Closes = true };
        answer.Write(ref target, id.Value, Loop.Date.Now, default);
        Loop.Parts.Life.Measured.Refused(Loop.MeasuringSlot, Listener.Connections.Requests, failure, answer.Body.Length);
        if (Loop.Parts.Plane.AccessLog is { } log)
        {
            AccessEntry.Write(log, this, answer, id.Value, Loop.Parts.Plane.Time);
        }

        if (Send(target.Written) == SendResult.Broken)
        {
            Abort();
        }
        else
        {
            EndSending();
        }
    }

    /// <summary>Says that nothing more comes once everything is sent, and then waits for the client to close.</summary>
    private void EndSending()
    {
        _stage = Stage.Ending;
        switch (Flush())
        {
            case SendResult.Blocked:
                AwaitRoom();
                break;
            case SendResult.Broken:
                Abort();
                break;
            default:
                Loop.Events.Sockets.EndSending(Socket);
                _stage = Stage.Lingering;
                _lingersUntil = Loop.Events.Now + LingerMillisecondsMax;
                Loop.Events.Timers.Set(this, Loop.Events.Now + LingerMilliseconds);
                Drop();
                break;
        }
    }

    private void Drop()
    {
        for (int pieces = 0; pieces < RequestSide.PiecesPerTurn; pieces++)
        {
            Input.Start = Input.End;
            switch (Receive(BufferPool.MediumBytes))
            {
                case ReceiveResult.Got:
                    Loop.Events.Timers.Set(this, Math.Min(_lingersUntil, Loop.Events.Now + LingerMilliseconds));
                    break;
                case ReceiveResult.Blocked:
                    Input.Start = Input.End;
                    ReleaseInput();
                    return;
                default:
                    Leave(reset: false);
                    return;
            }
        }

        Loop.Events.Resume(this);
    }

    /// <summary>The other lane serves its listener by now: it takes the connection with what has come of the next request.</summary>
    private void HandOver(IConnectionTaker successor)
    {
        byte[] received = Input.Unread.ToArray();
        _stage = Stage.Closed;
        Owned?.Close();
        Owned = null;
        int socket = Detach();

        // One of the two lanes has it at every moment.
        successor.Take(Listener, socket, Peer, Announced, received);
        Loop.Dismiss(this, isHandedOver: true);
    }

    private void Leave(bool reset)
    {
        if (_stage != Stage.Closed)
        {
            _stage = Stage.Closed;
            _exchange = null;
            Owned?.Close();
            Owned = null;

            // First: a client that sees its end and comes again finds its room free.
            Loop.Dismiss(this);
            Close(reset);
        }
    }

    // News that move nothing buy no time.
    private void AwaitRoom()
    {
        if (BytesMoved != _movedAtTimer)
        {
            _movedAtTimer = BytesMoved;
            SetTimer(Loop.Limits.ResponseTimeout);
        }
    }
}

using ActorLb.Engine.Failures;
using ActorLb.Engine.Forwarding;
using ActorLb.Engine.Http1;
using ActorLb.Engine.ProxyProtocol;
using ActorLb.Engine.Transport;
using ActorLb.Shared.Settings;

namespace ActorLb.Engine.Epoll;

/// <summary>
/// The client-to-backend half of an exchange: head, then body, framed anew. The client's head stays in its buffer
/// until a byte of the body is asked for, so that it can be sent to another backend; where the pool wants that afterwards as well,
/// both are held.
/// </summary>
internal sealed class RequestSide(Exchange exchange)
{
    /// <summary>Pieces that one direction moves before others have their turn.</summary>
    public const int PiecesPerTurn = 32;

    private readonly BodyHold _hold = new(exchange);
    private BodyReader _body;
    private BodyFraming _framing;
    private bool _headSkipped;
    private byte[] _announcedTrailers = [];

    /// <summary>The whole request was received and handed on.</summary>
    public bool IsDone { get; private set; }

    /// <summary>Bytes of the body were asked for, and are not held: they cannot be had a second time.</summary>
    public bool IsBodyGone => _headSkipped && !_hold.IsHolding;

    /// <summary>Whatever comes of it until a backend answers, it can be sent again, as far as its pool and its method allow that.</summary>
    public bool IsRepeatable => exchange.Held.Head.Framing switch
    {
        BodyFraming.None => true,
        BodyFraming.Length => !IsBodyGone && _hold.IsAsked,
        _ => _hold.HasEnded,
    };

    /// <summary>Bytes of the body that were taken from the client, or of what it sent over its tunnel.</summary>
    public long BytesTaken { get; private set; }

    /// <summary>A byte of the body has come.</summary>
    public bool IsBodySeen => BytesTaken > 0;

    /// <summary>Why it was refused.</summary>
    public FailureReason Failure { get; private set; }

    public MessageFault Fault { get; private set; }

    public void Begin()
    {
        ref readonly RequestHead head = ref exchange.Held.Head;
        _body = new BodyReader(head.Framing, head.ContentLength);
        _framing = head.Framing;
        BytesTaken = 0;
        _headSkipped = false;
        _announcedTrailers = [];
        IsDone = head.Framing == BodyFraming.None || (head.Framing == BodyFraming.Length && head.ContentLength == 0);
        Failure = FailureReason.None;
        Fault = MessageFault.None;
    }

    /// <summary>The request is over, and so is its connection to the backend.</summary>
    public void End() => _hold.End();

    /// <inheritdoc cref="BodyHold.Settle"/>
    public void Settle(BackendConnection backend)
    {
        if (_hold.IsHolding)
        {
            _hold.Settle(backend);
        }
    }

    /// <summary>Sends the head to the backend, with what has come of the body.</summary>
    public void SendHead(BackendConnection backend)
    {
        ClientConnection client = exchange.Client;
        LaneLoop loop = exchange.Loop;
        if (exchange.Held.AuthenticatesConnection)
        {
            // Whether it may was asked before it was placed.
            _ = exchange.TryOwn(backend);
        }

        exchange.Held.Take(exchange.Facts.Route.Filters?.Request);
        ReadOnlySpan<byte> source = exchange.Held.Source;
        ReadOnlySpan<HeaderField> fields = exchange.Held.Fields();
        var target = new HeadBuffer(loop.Scratch);
        Announce(backend, ref target);
        ReadOnlySpan<byte> hostIfNone = exchange.Held.Head.Fields.Has(KnownField.Host) ? default : exchange.BackendHost;
        BackendHead.Write(ref target, source, exchange.Held.Head, fields, client.Forwarded, exchange.Held.RequestId, hostIfNone, exchange.Facts.Trace, exchange.Facts.Route.Filters, exchange.Facts.Route.RequestLines, exchange.Held.Upgrades);
        if (_headSkipped)
        {
            _ = _hold.Send(backend, ref target, _framing);
            return;
        }

        if (!IsDone)
        {
            KeepAnnouncedTrailers(source, fields);
        }

        BodyPiece piece = default;
        if (!IsDone && client.Input.Length > exchange.Held.Length)
        {
            piece = Take(client, loop);
            if (IsRefused)
            {
                return;
            }

            IsDone = piece.IsLast;
        }

        // A broken connection is found by the pump, which comes next.
        _ = BodySender.Send(backend, ref target, piece, _framing, loop.RequestFields, _announcedTrailers);
    }

    /// <summary>After a switch of protocols: whatever the client sends goes on as it is.</summary>
    public void BeginTunnel()
    {
        SkipHead();
        _body = new BodyReader(BodyFraming.Tunnel, 0);
        _framing = BodyFraming.Tunnel;
        IsDone = false;
    }

    /// <summary>Lets go of the head in the client's buffer; afterwards it begins with what follows.</summary>
    public void SkipHead()
    {
        if (!_headSkipped)
        {
            _headSkipped = true;
            exchange.Client.Input.Start += exchange.Held.Length;
        }
    }

    public PumpResult Pump(BackendConnection backend)
    {
        ClientConnection client = exchange.Client;
        LaneLoop loop = exchange.Loop;
        for (int pieces = 0; pieces < PiecesPerTurn; pieces++)
        {
            if (IsRefused)
            {
                return PumpResult.Refused;
            }

            switch (backend.Flush())
            {
                case SendResult.Blocked:
                    return PumpResult.Waiting;
                case SendResult.Broken:
                    return PumpResult.BackendLost;
            }

            if (IsDone || (_framing == BodyFraming.Tunnel && exchange.Tunnel.ClientHasClosed))
            {
                IsDone = true;
                return PumpResult.Done;
            }

            BodyPiece piece = Take(client, loop);
            if (IsRefused)
            {
                return PumpResult.Refused;
            }

            if (!piece.IsNothing)
            {
                IsDone = piece.IsLast;
                var target = new HeadBuffer(loop.Scratch);
                if (BodySender.Send(backend, ref target, piece, _framing, loop.RequestFields, _announcedTrailers) == SendResult.Broken)
                {
                    return PumpResult.BackendLost;
                }

                continue;
            }

            switch (client.Receive(_body.Remaining is > 0 and <= BufferPool.MediumBytes ? BufferPool.MediumBytes : BufferPool.LargeBytes))
            {
                case ReceiveResult.Got:
                    break;
                case ReceiveResult.Blocked:
                    client.ReleaseInput();
                    return PumpResult.Waiting;
                case ReceiveResult.Ended when _framing == BodyFraming.Tunnel:
                    exchange.Tunnel.TellBackend(backend);
                    loop.Events.Sockets.EndSending(backend.Socket);
                    IsDone = true;
                    break;
                default:
                    return PumpResult.ClientLost;
            }
        }

        return PumpResult.Busy;
    }

    // What a new connection begins with, where its backend is to know whose it is.
    private void Announce(BackendConnection backend, ref HeadBuffer target)
    {
        ProxyHeaderVersion header = exchange.Facts.Assignment.Pool.Settings.ProxyProtocol;
        if (header != ProxyHeaderVersion.Off && !backend.IsReused)
        {
            backend.Name(exchange.Client, exchange.Facts.Assignment.Backend!, header);
            target.Append(ProxyHeaderWriter.Of(header, exchange.Client.Ends));
        }
    }

    private bool IsRefused => Fault != MessageFault.None || Failure != FailureReason.None;

    private unsafe BodyPiece Take(ClientConnection client, LaneLoop loop)
    {
        if (!_headSkipped)
        {
            _hold.Begin();
            SkipHead();
        }

        loop.FieldsOf = null;
        BodyPiece piece = _body.Next(ref client.Input, exchange.Limits, loop.RequestFields);
        Fault = piece.Fault;
        BytesTaken += piece.Length;
        if (piece.TrailerCount > 0)
        {
            exchange.Facts.Route.Filters?.Request?.Take(new ReadOnlySpan<byte>(piece.TrailerSource, piece.TrailerBytes), loop.RequestFields.AsSpan(0, piece.TrailerCount));
        }

        if (_hold.IsHolding)
        {
            _hold.Add(piece, loop.RequestFields, _announcedTrailers);
        }

        if (_framing == BodyFraming.Tunnel)
        {
            exchange.Tunnel.NoteFromClient(new ReadOnlySpan<byte>(piece.Start, piece.Length));
        }

        long bytesMax = exchange.Facts.Route.BodyBytesMax;
        if (bytesMax > 0 && BytesTaken > bytesMax && _framing == BodyFraming.Chunked)
        {
            Failure = FailureReason.RequestTooLarge;
        }

        return piece;
    }

    // Kept beside the head, which is gone when the trailers come. Few requests have any.
    private void KeepAnnouncedTrailers(ReadOnlySpan<byte> source, ReadOnlySpan<HeaderField> fields)
    {
        ref readonly FieldSummary summary = ref exchange.Held.Head.Fields;
        if (_framing == BodyFraming.Chunked && summary.Has(KnownField.Trailer))
        {
            _announcedTrailers = fields[summary.LastOf(KnownField.Trailer)].Value(source).ToArray();
        }
    }
}

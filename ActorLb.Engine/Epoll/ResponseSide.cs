using ActorLb.Engine.Exchanges;
using ActorLb.Engine.Failures;
using ActorLb.Engine.Forwarding;
using ActorLb.Engine.Http1;
using ActorLb.Engine.OpenExchanges;
using ActorLb.Engine.Transport;
using ActorLb.Engine.WebSockets;

namespace ActorLb.Engine.Epoll;

/// <summary>The backend-to-client half of an exchange: interim heads, the head, then the body, framed anew.</summary>
internal sealed class ResponseSide(Exchange exchange)
{
    private readonly AnswerHold _hold = new(exchange);
    private ResponseHead _head;
    private BodyReader _body;
    private BodyFraming _framing;
    private byte[] _announcedTrailers = [];

    /// <summary>The whole answer was handed on.</summary>
    public bool IsDone { get; private set; }

    /// <summary>The final head arrived, and the client has the beginning of an answer.</summary>
    public bool HeadArrived { get; private set; }

    /// <inheritdoc cref="AnswerHold.IsHeld"/>
    public bool IsHeld => _hold.IsHeld;

    /// <summary>Any byte of an answer arrived: the backend has acted on the request.</summary>
    public bool Begun { get; private set; }

    /// <summary>The client sees by its framing that the answer is not whole: the end of its connection is no end of the answer.</summary>
    public bool ShowsItsEnd => HeadArrived && _framing is BodyFraming.Chunked or BodyFraming.Length;

    /// <summary>The answer has no end of its own.</summary>
    public bool IsStream { get; private set; }

    /// <summary>The client's connection ends with this answer.</summary>
    public bool Closes { get; private set; }

    public MessageFault Fault { get; private set; }

    /// <summary>Why it was refused.</summary>
    public FailureReason Failure { get; private set; }

    public int Status => _head.Status;

    /// <summary>The backend's connection may be used again.</summary>
    public bool KeepsBackend => _head.KeepAlive;

    /// <summary>Before each attempt.</summary>
    public void Begin()
    {
        _hold.Begin();
        _head = default;
        _framing = default;
        _announcedTrailers = [];
        IsDone = false;
        HeadArrived = false;
        Begun = false;
        IsStream = false;
        Closes = false;
        Fault = MessageFault.None;
        Failure = FailureReason.None;
    }

    public PumpResult Pump(BackendConnection backend)
    {
        ClientConnection client = exchange.Client;
        for (int pieces = 0; pieces < RequestSide.PiecesPerTurn; pieces++)
        {
            switch (client.Flush())
            {
                case SendResult.Blocked:
                    return PumpResult.Waiting;
                case SendResult.Broken:
                    return PumpResult.ClientLost;
            }

            if (IsDone)
            {
                return PumpResult.Done;
            }

            if (_framing == BodyFraming.Tunnel && exchange.Tunnel.IsClosing && !exchange.Tunnel.IsTold)
            {
                switch (exchange.Tunnel.TellClient(client))
                {
                    case SendResult.Blocked:
                        continue;
                    case SendResult.Broken:
                        return PumpResult.ClientLost;
                }
            }

            bool moved;
            SendResult sent = HeadArrived ? SendPiece(backend, client, out moved) : SendHead(backend, client, out moved);
            if (IsHeld)
            {
                return PumpResult.Waiting;
            }

            if (Fault != MessageFault.None)
            {
                Failure = FailureReason.BackendBadResponse;
            }

            if (Failure != FailureReason.None)
            {
                return PumpResult.Refused;
            }

            if (sent == SendResult.Broken)
            {
                return PumpResult.ClientLost;
            }

            if (moved)
            {
                continue;
            }

            switch (backend.Receive(BytesWanted))
            {
                case ReceiveResult.Got when !Begun:
                    Begun = true;
                    ExchangeMeasurements.Answered(exchange.Facts);
                    break;
                case ReceiveResult.Got:
                    break;
                case ReceiveResult.Blocked:
                    backend.ReleaseInput();
                    return PumpResult.Waiting;
                case ReceiveResult.Ended when HeadArrived && _body.EndsByClose:
                case ReceiveResult.Broken when IsRefusalUntilClose:
                    if (!End(client))
                    {
                        return PumpResult.ClientLost;
                    }

                    break;
                default:
                    return PumpResult.BackendLost;
            }
        }

        return PumpResult.Busy;
    }

    /// <summary>
    /// An error page without a length. Who refuses an upload and closes with some of it unread resets the connection by it
    /// (RFC 9112, 9.6): that is the page's end. Of any other answer it might be a part that looks whole.
    /// </summary>
    private bool IsRefusalUntilClose => HeadArrived && _head.Framing == BodyFraming.UntilClose && Status >= 400;

    private int BytesWanted =>
        !HeadArrived || (_framing == BodyFraming.Length && _body.Remaining <= BufferPool.MediumBytes) ? BufferPool.MediumBytes : BufferPool.LargeBytes;

    private SendResult SendHead(BackendConnection backend, ClientConnection client, out bool moved)
    {
        LaneLoop loop = exchange.Loop;
        moved = false;
        if (backend.Input.Length == 0)
        {
            return SendResult.Done;
        }

        ReadOnlySpan<byte> source = backend.Input.Unread;
        ParseResult result = ResponseParser.Parse(
            source, exchange.Held.Head.Method, exchange.Held.AsksUpgrade, exchange.Limits, loop.ResponseFields, out _head);
        if (!result.IsComplete)
        {
            Fault = result.Fault;
            return SendResult.Done;
        }

        if (_head.Fields.Has(KnownField.SetCookie) && !_head.IsInterim && !_hold.MayGoOn(source, loop.ResponseFields.AsSpan(0, _head.Fields.Count)))
        {
            return SendResult.Done;
        }

        moved = true;
        backend.Input.Start += result.Consumed;
        exchange.Facts.Assignment.Pool.Affinity?.Header?.Claim(source, loop.ResponseFields.AsSpan(0, _head.Fields.Count));
        ReadOnlySpan<HeaderField> fields = loop.ResponseFields.AsSpan(0, _head.Fields.Count);
        if (ConnectionAuthentication.IsOffered(source, fields, _head.Fields) && !exchange.TryOwn(backend))
        {
            Failure = FailureReason.ConnectionAuthOffered;
            return SendResult.Done;
        }

        if (_head.Framing == BodyFraming.Tunnel && !Upgrades.AreAnswered(source, fields, exchange.Held.Source, exchange.Held.Fields(), exchange.Held.Upgrades))
        {
            Fault = MessageFault.SwitchUnasked;
            return SendResult.Done;
        }

        var target = new HeadBuffer(loop.Scratch);
        if (_head.IsInterim)
        {
            return SendInterim(client, ref target, source, fields);
        }

        if (RequestLife.TryElsewhere(exchange.Facts, _head.Status))
        {
            Failure = FailureReason.BackendStatus;
            return SendResult.Done;
        }

        return SendFinal(backend, client, ref target, source, fields);
    }

    // HTTP/1.0 knows no interim answers (RFC 9110, 15.2).
    private SendResult SendInterim(ClientConnection client, ref HeadBuffer target, ReadOnlySpan<byte> source, ReadOnlySpan<HeaderField> fields)
    {
        if (exchange.Held.Head.Version == MessageVersion.Http10)
        {
            return SendResult.Done;
        }

        AnswerLines.WriteInterim(ref target, source, _head, fields);
        return client.Send(target.Written);
    }

    private SendResult SendFinal(
        BackendConnection backend, ClientConnection client, ref HeadBuffer target, ReadOnlySpan<byte> source, ReadOnlySpan<HeaderField> fields)
    {
        LaneLoop loop = exchange.Loop;
        exchange.Facts.Route.Filters?.Response?.Take(source, loop.ResponseFields.AsSpan(0, _head.Fields.Count));
        HeadArrived = true;
        _framing = AnswerLines.FramingOf(_head, exchange.Held.Head.Version);
        _body = new BodyReader(_head.Framing, _head.ContentLength);
        IsDone = _head.Framing == BodyFraming.None || (_head.Framing == BodyFraming.Length && _head.ContentLength == 0);

        if (_head.Fields.Has(KnownField.KeepAlive) && KeepAliveTimeout.Read(fields[_head.Fields.LastOf(KnownField.KeepAlive)].Value(source)) is { } seconds)
        {
            exchange.Facts.Assignment.Backend!.Traffic.Idle.Told(seconds);
        }

        Closes = RequestLife.Closes(exchange.Facts, _framing, backendReads: _head.KeepAlive && !backend.PeerEnded, exchange.Request.IsBodySeen);
        ClientHead.Write(ref target, source, _head, fields, exchange, _framing, Closes);
        if (!target.Fits)
        {
            Fault = MessageFault.FieldsTooLarge;
            HeadArrived = false;
            return SendResult.Done;
        }

        exchange.Request.Settle(backend);
        if (_framing == BodyFraming.Chunked && _head.Fields.Has(KnownField.Trailer))
        {
            _announcedTrailers = fields[_head.Fields.LastOf(KnownField.Trailer)].Value(source).ToArray();
        }

        IsStream = _head.Framing is BodyFraming.Chunked or BodyFraming.UntilClose && StreamTypes.AreIn(source, fields);
        if (_framing == BodyFraming.Tunnel)
        {
            exchange.BeginTunnel(WebSocketSwitch.IsIn(source, fields));
        }

        if (IsDone)
        {
            return client.Send(target.Written);
        }

        BodyPiece piece = Take(backend);
        if (Fault != MessageFault.None)
        {
            // Nothing is with the client yet: it is told what is wrong, instead of getting a part.
            HeadArrived = false;
            return SendResult.Done;
        }

        IsDone = piece.IsLast;
        exchange.CountSent(piece.Length);
        return BodySender.Send(client, ref target, piece, _framing, loop.ResponseFields, _announcedTrailers);
    }

    private unsafe BodyPiece Take(BackendConnection backend)
    {
        LaneLoop loop = exchange.Loop;
        BodyPiece piece = _body.Next(ref backend.Input, exchange.Limits, loop.ResponseFields);
        Fault = piece.Fault;
        if (_framing == BodyFraming.Tunnel)
        {
            piece.Length = exchange.Tunnel.TakeFromBackend(new ReadOnlySpan<byte>(piece.Start, piece.Length));
        }

        return piece;
    }

    private SendResult SendPiece(BackendConnection backend, ClientConnection client, out bool moved)
    {
        LaneLoop loop = exchange.Loop;
        bool hadInput = backend.Input.Length > 0;
        BodyPiece piece = Take(backend);

        // Also where a tunnel that closes drops what came.
        moved = (!piece.IsNothing || (hadInput && _framing == BodyFraming.Tunnel)) && Fault == MessageFault.None;
        if (!moved)
        {
            return SendResult.Done;
        }

        IsDone = piece.IsLast;
        exchange.CountSent(piece.Length);
        var target = new HeadBuffer(loop.Scratch);
        return BodySender.Send(client, ref target, piece, _framing, loop.ResponseFields, _announcedTrailers);
    }

    /// <summary>The backend closed, and that is the body's end.</summary>
    private bool End(ClientConnection client)
    {
        IsDone = true;
        if (_framing == BodyFraming.Chunked)
        {
            return client.Send(ChunkWriter.End) != SendResult.Broken;
        }

        if (_framing == BodyFraming.Tunnel)
        {
            exchange.Loop.Events.Sockets.EndSending(client.Socket);
        }

        return true;
    }
}

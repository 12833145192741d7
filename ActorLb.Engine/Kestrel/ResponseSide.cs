using System.Buffers;
using ActorLb.Engine.Exchanges;
using ActorLb.Engine.Failures;
using ActorLb.Engine.Forwarding;
using ActorLb.Engine.Http1;
using ActorLb.Engine.OpenExchanges;
using ActorLb.Engine.WebSockets;
using Microsoft.AspNetCore.Http;

namespace ActorLb.Engine.Kestrel;

/// <summary>
/// The backend-to-client half of an exchange: interim heads, the head, then the body; each piece goes on as it comes.
/// What the client does not take is not read from the backend.
/// </summary>
internal sealed class ResponseSide(Exchange exchange)
{
    private byte[] _buffer = [];
    private HeaderField[] _fields = [];
    private int _start;
    private int _end;
    private ResponseHead _head;
    private BodyDecoder _body;

    /// <summary>The whole answer was handed on.</summary>
    public bool IsDone { get; private set; }

    /// <summary>The final head arrived, and the client gets this answer.</summary>
    public bool HeadArrived { get; private set; }

    /// <summary>Any byte of an answer arrived: the backend has acted on the request.</summary>
    public bool Begun { get; private set; }

    /// <summary>The client is to take what was written before more is read.</summary>
    public bool IsFlushing { get; private set; }

    /// <summary>What is wrong with the answer, where it was refused; None where that has no name.</summary>
    public MessageFault Fault { get; private set; }

    /// <summary>Bytes of the body that were handed on.</summary>
    public long BytesSent { get; private set; }

    public int Status => _head.Status;

    /// <summary>The backend's connection may carry another request once both halves are done.</summary>
    public bool KeepsBackend => _head.KeepAlive && _start == _end;

    /// <summary>The backend has switched protocols: what follows is no HTTP.</summary>
    public bool IsTunnel => HeadArrived && IsTunnelHead;

    /// <summary>Which of them.</summary>
    public bool IsWebSocket { get; private set; }

    /// <summary>The answer has no end of its own.</summary>
    public bool IsStream { get; private set; }

    private bool IsTunnelHead => _head.Framing == BodyFraming.Tunnel;

    /// <summary>What the backend sent behind its head.</summary>
    public ReadOnlyMemory<byte> Rest => _buffer.AsMemory(_start, _end - _start);

    /// <summary>Before each attempt.</summary>
    public void Begin()
    {
        _start = 0;
        _end = 0;
        _head = default;
        IsDone = false;
        IsStream = false;
        IsWebSocket = false;
        HeadArrived = false;
        Begun = false;
        IsFlushing = false;
        BytesSent = 0;
        Fault = MessageFault.None;
    }

    /// <summary>Gives the memory back.</summary>
    public void End()
    {
        if (_buffer.Length > 0)
        {
            ArrayPool<byte>.Shared.Return(_buffer);
            _buffer = [];
        }

        if (_fields.Length > 0)
        {
            ArrayPool<HeaderField>.Shared.Return(_fields);
            _fields = [];
        }
    }

    /// <summary>
    /// Reads the answer and hands it on. None where the client has it whole, or the connection is a tunnel now. Whatever
    /// broke on the request's way: what there is to read is read.
    /// </summary>
    public async Task<FailureReason> ReceiveAsync(BackendStream backend)
    {
        if (_buffer.Length == 0)
        {
            _buffer = ArrayPool<byte>.Shared.Rent(RequestSide.BufferBytes);
        }

        if (_fields.Length == 0)
        {
            _fields = ArrayPool<HeaderField>.Shared.Rent(exchange.Limits.FieldCountMax);
        }

        FailureReason failure = await ReceiveHeadAsync(backend).ConfigureAwait(false);
        if (failure != FailureReason.None || IsTunnel)
        {
            return failure;
        }

        if (_head.Framing is BodyFraming.None || (_head.Framing == BodyFraming.Length && _head.ContentLength == 0))
        {
            IsDone = true;
            return FailureReason.None;
        }

        return await ReceiveBodyAsync(backend).ConfigureAwait(false);
    }

    /// <summary>The backend has said something before it was asked: that is no answer.</summary>
    public FailureReason RefuseUnasked()
    {
        Fault = MessageFault.AnswerUnasked;
        return FailureReason.BackendBadResponse;
    }

    private async Task<FailureReason> ReceiveHeadAsync(BackendStream backend)
    {
        while (true)
        {
            ParseResult result = ParseHead();
            if (result.Status == ParseStatus.Rejected)
            {
                Fault = result.Fault;
                return FailureReason.BackendBadResponse;
            }

            if (!result.IsComplete)
            {
                int count = await ReadAsync(backend).ConfigureAwait(false);
                if (count <= 0)
                {
                    return backend.Ended(Begun);
                }

                if (!Begun)
                {
                    Begun = true;
                    ExchangeMeasurements.Answered(exchange);
                }

                continue;
            }

            if (OffersConnection(result.Consumed))
            {
                if (!RequestLife.MayOwn(exchange, exchange.Assignment.Pool))
                {
                    return FailureReason.ConnectionAuthOffered;
                }

                exchange.Owns = true;
                backend.IsAuthenticated = true;
            }

            if (!_head.IsInterim && RequestLife.TryElsewhere(exchange, _head.Status))
            {
                return FailureReason.BackendStatus;
            }

            if (!_head.IsInterim)
            {
                await LearnAsync(result.Consumed).ConfigureAwait(false);
                return exchange.Client.MissesTunnel(_head.Status) ? FailureReason.BackendUpgradeRefused
                    : TakeHead(result.Consumed) ? FailureReason.None
                    : FailureReason.BackendBadResponse;
            }

            var interim = new InterimHead(_buffer.AsMemory(_start, result.Consumed), _head, _fields.AsMemory(0, _head.Fields.Count));
            await exchange.Client.WriteInterimAsync(interim).ConfigureAwait(false);
            _start += result.Consumed;
        }
    }

    private ValueTask LearnAsync(int length) =>
        _head.Fields.Has(KnownField.SetCookie) && exchange.Assignment.Pool.Affinity?.LearnedCookie is not null
            ? exchange.Life.LearnAsync(exchange, _buffer.AsSpan(_start, length), _fields.AsSpan(0, _head.Fields.Count))
            : default;

    private bool OffersConnection(int length) =>
        ConnectionAuthentication.IsOffered(_buffer.AsSpan(_start, length), _fields.AsSpan(0, _head.Fields.Count), _head.Fields);

    private ParseResult ParseHead()
    {
        if (_start == _end)
        {
            return ParseResult.NeedMore;
        }

        ReadOnlySpan<byte> source = _buffer.AsSpan(_start, _end - _start);
        ParseResult result = ResponseParser.Parse(source, exchange.Head.Method, exchange.Received.AsksUpgrade, exchange.Limits, _fields, out _head);
        if (result.IsComplete)
        {
            exchange.Assignment.Pool.Affinity?.Header?.Claim(source, _fields.AsSpan(0, _head.Fields.Count));
        }

        return result;
    }

    /// <summary>Carries the final head over; false where the client cannot have such an answer.</summary>
    private bool TakeHead(int length)
    {
        ReadOnlySpan<byte> source = _buffer.AsSpan(_start, length);
        exchange.Route.Filters?.Response?.Take(source, _fields.AsSpan(0, _head.Fields.Count));
        ReadOnlySpan<HeaderField> fields = _fields.AsSpan(0, _head.Fields.Count);
        if (!exchange.Client.WriteHead(exchange, source, _head, fields))
        {
            Fault = IsTunnelHead ? MessageFault.SwitchUnasked : MessageFault.None;
            return false;
        }

        if (_head.Fields.Has(KnownField.KeepAlive)
            && KeepAliveTimeout.Read(fields[_head.Fields.LastOf(KnownField.KeepAlive)].Value(source)) is { } seconds)
        {
            exchange.Assignment.Backend!.Traffic.Idle.Told(seconds);
        }

        exchange.RequestSide.Settle();
        IsStream = _head.Framing is BodyFraming.Chunked or BodyFraming.UntilClose && StreamTypes.AreIn(source, fields);
        IsWebSocket = IsTunnelHead && WebSocketSwitch.IsIn(source, fields);
        _start += length;
        _body = new BodyDecoder(_head.Framing, _head.ContentLength);
        HeadArrived = true;
        return true;
    }

    private async Task<FailureReason> ReceiveBodyAsync(BackendStream backend)
    {
        if (!IsReadable())
        {
            // Nothing is with the client yet: it is told what is wrong, instead of getting a part.
            HeadArrived = false;
            return FailureReason.BackendBadResponse;
        }

        ClientSide client = exchange.Client;
        bool hasFlushed = false;
        while (true)
        {
            ChunkStatus status = Decode(client);
            if (status == ChunkStatus.Rejected)
            {
                return FailureReason.BackendBadResponse;
            }

            if (status == ChunkStatus.End && !hasFlushed && !client.LosesUnflushed)
            {
                // Head and body go together, with the end of the request.
                IsDone = true;
                return FailureReason.None;
            }

            // The head as well, where it has no body yet.
            IsFlushing = true;
            ValueTask<bool> flushing = client.FlushAsync();
            if (!flushing.IsCompleted)
            {
                GiveBack();
            }

            bool isTaken = await flushing.ConfigureAwait(false);
            IsFlushing = false;
            hasFlushed = true;
            exchange.Moved();
            if (!isTaken)
            {
                return FailureReason.ClientGone;
            }

            if (status == ChunkStatus.End)
            {
                IsDone = true;
                return FailureReason.None;
            }

            int count = await ReadAsync(backend).ConfigureAwait(false);
            if (_body.EndsByClose && count <= 0 && IsWhole(backend, count))
            {
                client.WriteEnd(default, default);
                IsDone = true;
                return FailureReason.None;
            }

            if (count <= 0)
            {
                return backend.Ended(hasBegun: true);
            }
        }
    }

    /// <summary>
    /// Whether the end of the connection is that of a body which has no other. While the request is on its way, a reset may
    /// look like an end, because the write that met it first was told; an error page counts as whole then: the reset is what
    /// the upload behind it met (RFC 9112, 9.6).
    /// </summary>
    private bool IsWhole(BackendStream backend, int count) =>
        (count == 0 && backend.Cause is null && exchange.RequestSide.IsDone) || _head.Status >= StatusCodes.Status400BadRequest;

    /// <summary>Whether what came of the body behind the head is well-formed. What was written to the server cannot be taken back.</summary>
    private bool IsReadable()
    {
        BodyDecoder body = _body;
        int at = _start;
        while (true)
        {
            ChunkResult piece = body.Next(_buffer.AsSpan(at, _end - at), exchange.Limits, _fields);
            at += piece.Consumed;
            Fault = piece.Fault;
            if (piece.Status != ChunkStatus.Data)
            {
                return piece.Status != ChunkStatus.Rejected;
            }
        }
    }

    /// <summary>Hands on what is there of the body. Pieces are moved together, so that the client gets them as one.</summary>
    private ChunkStatus Decode(ClientSide client)
    {
        int begin = _start;
        int length = 0;
        while (true)
        {
            ReadOnlySpan<byte> input = _buffer.AsSpan(_start, _end - _start);
            ChunkResult piece = _body.Next(input, exchange.Limits, _fields);
            if (piece.Status == ChunkStatus.Data)
            {
                ReadOnlySpan<byte> data = piece.Data.Of(input);
                begin = length == 0 ? _start + piece.Data.Start : begin;
                data.CopyTo(_buffer.AsSpan(begin + length));
                length += data.Length;
                _start += piece.Consumed;
                continue;
            }

            client.WriteBody(_buffer.AsSpan(begin, length));
            BytesSent += length;
            _start += piece.Consumed;
            if (piece.Status == ChunkStatus.End)
            {
                client.WriteEnd(input, _fields.AsSpan(0, piece.TrailerCount));
            }

            Fault = piece.Fault;
            return piece.Status;
        }
    }

    /// <summary>Reads behind what is there.</summary>
    private async ValueTask<int> ReadAsync(BackendStream backend)
    {
        MakeRoom();
        int count = await backend.ReadAsync(_buffer.AsMemory(_end)).ConfigureAwait(false);
        _end += Math.Max(0, count);
        exchange.Moved();
        return count;
    }

    /// <summary>A client that reads slowly holds no buffer but the server's.</summary>
    private void GiveBack()
    {
        if (_start == _end && _buffer.Length > 0)
        {
            ArrayPool<byte>.Shared.Return(_buffer);
            _buffer = [];
            _start = 0;
            _end = 0;
        }
    }

    private void MakeRoom()
    {
        if (_buffer.Length == 0)
        {
            _buffer = ArrayPool<byte>.Shared.Rent(RequestSide.BufferBytes);
        }

        if (_start == _end)
        {
            _start = 0;
            _end = 0;
        }
        else if (_end == _buffer.Length && _start > 0)
        {
            _buffer.AsSpan(_start, _end - _start).CopyTo(_buffer);
            _end -= _start;
            _start = 0;
        }

        // A head, or trailers, of up to what the limits allow: the parser refuses more before this grows further.
        if (_end == _buffer.Length)
        {
            byte[] larger = ArrayPool<byte>.Shared.Rent(2 * _buffer.Length);
            _buffer.CopyTo(larger, 0);
            ArrayPool<byte>.Shared.Return(_buffer);
            _buffer = larger;
        }
    }
}

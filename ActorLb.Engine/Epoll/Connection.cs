using ActorLb.Engine.Transport;

namespace ActorLb.Engine.Epoll;

internal enum ReceiveResult : byte
{
    /// <summary>There are new bytes.</summary>
    Got,

    /// <summary>Nothing has come: go on when the socket is readable.</summary>
    Blocked,

    /// <summary>The peer has sent everything that it will send.</summary>
    Ended,
    Broken,
}

/// <summary>
/// A connected socket: what was received and not used, and what could not be sent yet. News come once
/// (edge-triggered), so it remembers them until a call says otherwise.
/// </summary>
internal abstract unsafe class Connection(LaneLoop loop) : EventSource
{
    private LoopBuffer _input;
    private Outgoing _output;
    private long _received;
    private bool _readable;
    private bool _peerEnded;

    /// <summary>Received and not used yet.</summary>
    public ref LoopBuffer Input => ref _input;

    public LaneLoop Loop => loop;

    /// <summary>Something could not be sent yet.</summary>
    public bool IsSending => !_output.IsEmpty;

    /// <summary>Bytes received and sent so far: whether something moves.</summary>
    public long BytesMoved => _received + _output.BytesSent;

    /// <summary>Bytes received so far.</summary>
    public long BytesReceived => _received;

    /// <summary>Bytes that the peer has taken so far.</summary>
    public long BytesTaken => loop.Events.Sockets.Acked(Socket) ?? _output.BytesSent;

    /// <summary>It took no more bytes, for good. What the peer sent before can still be received.</summary>
    public bool IsLost { get; private set; }

    /// <summary>
    /// Nothing of an earlier message is left in it, neither unsent, which would lie in another connection's buffer, nor
    /// unread, which would be taken for the next answer.
    /// </summary>
    public bool IsClean => !IsLost && !IsSending && !_readable && !_peerEnded && _input.Length == 0;

    /// <summary>The peer sends no more once what is there was received.</summary>
    public bool PeerEnded => _peerEnded;

    /// <summary>Something may be there to receive.</summary>
    protected bool IsReadable => _readable;

    /// <summary>Remembers news.</summary>
    protected void Note(Readiness readiness)
    {
        _readable |= (readiness & (Readiness.Readable | Readiness.PeerEnded | Readiness.Broken)) != 0;
        _peerEnded |= (readiness & (Readiness.PeerEnded | Readiness.Broken)) != 0;
    }

    /// <summary>Receives what has come into <see cref="Input"/>.</summary>
    /// <param name="bytesWanted">Room for at least so many is made, where that is more than what is there.</param>
    public ReceiveResult Receive(int bytesWanted)
    {
        if (!_readable)
        {
            return ReceiveResult.Blocked;
        }

        MakeRoom(bytesWanted);
        int room = _input.Room;
        int received;
        do
        {
            received = loop.Events.Sockets.Receive(Socket, _input.Memory + _input.End, room);
        }
        while (received == -Linux.Interrupted);

        if (received > 0)
        {
            _input.End += received;
            _received += received;

            // Less than asked for is everything there was; what comes next is news again, unless the end has been news already.
            _readable = received == room || _peerEnded;
            return ReceiveResult.Got;
        }

        _readable = false;
        return received == SocketPoller.WouldBlock ? ReceiveResult.Blocked
            : received == 0 && !_output.WasReset ? ReceiveResult.Ended : ReceiveResult.Broken;
    }

    /// <inheritdoc cref="Outgoing.Send"/>
    public SendResult Send(ReadOnlySpan<byte> head, byte* piece, int pieceLength, ReadOnlySpan<byte> tail) =>
        Noted(_output.Send(loop.Events, Socket, head, piece, pieceLength, tail));

    /// <summary>Sends bytes that need not stay; behind an interim answer that the peer has not taken yet.</summary>
    public SendResult Send(ReadOnlySpan<byte> bytes) => Noted(IsSending
        ? _output.SendBehind(loop.Events, Socket, bytes)
        : _output.Send(loop.Events, Socket, bytes, null, 0, default));

    public SendResult Flush() => _output.IsEmpty ? SendResult.Done : Noted(_output.Flush(loop.Events, Socket));

    /// <inheritdoc cref="Outgoing.Own"/>
    public void OwnOutput() => _output.Own(loop.Events);

    /// <summary>Gives the buffer of an empty input back.</summary>
    public void ReleaseInput()
    {
        if (_input.Length == 0)
        {
            loop.Events.Buffers.Return(ref _input);
        }
    }

    /// <summary>Closes the socket and gives back all memory.</summary>
    protected void Close(bool reset)
    {
        loop.Events.Close(this, reset);
        loop.Events.Buffers.Return(ref _input);
        _output.Clear(loop.Events);
        _readable = false;
        _peerEnded = true;
    }

    /// <summary>Lets go of the socket, which is the caller's, and gives back all memory. Nothing is left to be sent.</summary>
    protected int Detach()
    {
        int socket = loop.Events.Detach(this);
        loop.Events.Buffers.Return(ref _input);
        _output.Clear(loop.Events);
        return socket;
    }

    private SendResult Noted(SendResult sent)
    {
        if (sent == SendResult.Broken)
        {
            // A reset leaves what had come before it, and the call that failed may be the first to hear of it.
            IsLost = true;
            _readable = true;
            _peerEnded = true;
        }

        return sent;
    }

    private void MakeRoom(int bytesWanted)
    {
        if (!_input.IsRented)
        {
            _input = loop.Events.Buffers.Rent(bytesWanted);
            return;
        }

        if (_input.Length == 0)
        {
            _input.Start = _input.End = 0;
            if (_input.Capacity < bytesWanted)
            {
                loop.Events.Buffers.Grow(ref _input, bytesWanted);
            }
        }
        else if (_input.Room == 0)
        {
            _input.Compact();
            if (_input.Room < _input.Capacity / 2)
            {
                loop.Events.Buffers.Grow(ref _input, Math.Max(bytesWanted, 2 * _input.Capacity));
            }
        }
    }
}

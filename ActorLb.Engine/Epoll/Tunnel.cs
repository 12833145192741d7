using ActorLb.Engine.Failures;
using ActorLb.Engine.WebSockets;

namespace ActorLb.Engine.Epoll;

/// <summary>
/// An exchange that changed its protocol: where the frames of a WebSocket end, and how it is closed in order. The client is
/// told first and answers for itself, so that nothing is lost that it has sent until then; what the backend still sends is
/// dropped. Used again with its exchange.
/// </summary>
internal sealed class Tunnel
{
    private FrameBoundaries _fromClient;
    private FrameBoundaries _fromBackend;
    private bool _isWebSocket;
    private Ending _ending;

    private enum Ending : byte
    {
        None,

        /// <summary>The client is to be told between two frames.</summary>
        Asked,

        /// <summary>It is being told.</summary>
        Telling,
        Told,
    }

    /// <summary>Why it is closed; None while it is not.</summary>
    public FailureReason Closing { get; private set; }

    public bool IsClosing => Closing != FailureReason.None;

    /// <summary>The client knows that nothing more comes.</summary>
    public bool IsTold => _ending == Ending.Told;

    /// <summary>A side has ended it in order, as WebSockets do (RFC 6455, 5.5.1): how the connections end after that says nothing.</summary>
    public bool HasClosed => _isWebSocket && (_fromClient.HasClosed || _fromBackend.HasClosed);

    /// <summary>The client has answered our close frame with its own, and the backend has it.</summary>
    public bool ClientHasClosed => IsClosing && _fromClient.HasClosed;

    /// <param name="isWebSocket">Else the protocol is unknown, and is ended as a connection is.</param>
    public void Begin(bool isWebSocket)
    {
        _isWebSocket = isWebSocket;
        _fromClient = default;
        _fromBackend = default;
    }

    /// <summary>The exchange is over.</summary>
    public void End()
    {
        _ending = Ending.None;
        Closing = FailureReason.None;
    }

    public void Close(FailureReason why)
    {
        Closing = why;
        _ending = Ending.Asked;
    }

    /// <summary>The client sent this, and the backend gets it.</summary>
    public void NoteFromClient(ReadOnlySpan<byte> bytes)
    {
        if (_isWebSocket)
        {
            _fromClient.Read(bytes);
        }
    }

    /// <summary>The backend sent this.</summary>
    /// <returns>How many of the bytes the client gets; the others are dropped.</returns>
    public int TakeFromBackend(ReadOnlySpan<byte> bytes) => _ending switch
    {
        Ending.Telling or Ending.Told => 0,
        _ => _isWebSocket ? _fromBackend.Read(bytes, stopsBetweenFrames: _ending == Ending.Asked) : bytes.Length,
    };

    /// <summary>Tells the client that the tunnel ends, where that is due and can be told.</summary>
    public SendResult TellClient(ClientConnection client)
    {
        if (_ending == Ending.Asked && (!_isWebSocket || _fromBackend.IsBetweenFrames))
        {
            _ending = Ending.Telling;
            SendResult sent = _isWebSocket && !_fromBackend.HasClosed ? client.Send(CloseFrames.ToClient) : SendResult.Done;
            if (sent != SendResult.Done)
            {
                return sent;
            }
        }

        if (_ending == Ending.Telling && !client.IsSending)
        {
            client.Loop.Events.Sockets.EndSending(client.Socket);
            _ending = Ending.Told;
        }

        return SendResult.Done;
    }

    /// <summary>Tells the backend in the client's place, where the client has not said it itself.</summary>
    public void TellBackend(BackendConnection backend)
    {
        if (IsClosing && _isWebSocket && _fromClient is { IsBetweenFrames: true, HasClosed: false } && !backend.IsSending)
        {
            Span<byte> frame = stackalloc byte[CloseFrames.MaskedBytes];
            CloseFrames.WriteToBackend(frame);
            _ = backend.Send(frame);
        }
    }
}

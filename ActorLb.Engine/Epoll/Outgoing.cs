using System.Diagnostics;
using ActorLb.Engine.Transport;

namespace ActorLb.Engine.Epoll;

internal enum SendResult : byte
{
    /// <summary>Everything is on its way.</summary>
    Done,

    /// <summary>The peer reads slowly: go on when the socket is writable.</summary>
    Blocked,
    Broken,
}

/// <summary>
/// What a socket has not taken yet: bytes of a head that were copied, then a piece of a body that lies in another
/// connection's buffer, then a tail that stays as well. One exchange holds no more than this of one direction.
/// </summary>
internal unsafe struct Outgoing
{
    private LoopBuffer _head;
    private byte* _piece;
    private int _pieceLength;
    private byte* _tail;
    private int _tailLength;

    /// <summary>Bytes that the socket has taken so far.</summary>
    public long BytesSent { get; private set; }

    /// <summary>
    /// Sending heard of a reset that no end of the peer's preceded. The system tells it once: receiving would take it for a
    /// proper end afterwards. A reset behind an end is EPIPE (man 2 send).
    /// </summary>
    public bool WasReset { get; private set; }

    public readonly bool IsEmpty => _head.Length == 0 && _pieceLength == 0 && _tailLength == 0;

    /// <summary>Sends what there is; keeps what the socket does not take. Only where it is empty.</summary>
    /// <param name="head">Need not stay: what is not taken of it is copied.</param>
    /// <param name="piece">Stays as it is until this is empty again.</param>
    /// <param name="tail">Stays as the piece does.</param>
    public SendResult Send(
        EventLoop loop, int socket, ReadOnlySpan<byte> head, byte* piece, int pieceLength, ReadOnlySpan<byte> tail)
    {
        fixed (byte* first = head)
        fixed (byte* last = tail)
        {
            int sent = Write(loop.Sockets, socket, first, head.Length, piece, pieceLength, last, tail.Length);
            if (sent < 0)
            {
                if (sent != SocketPoller.WouldBlock && sent != -Linux.Interrupted)
                {
                    return Broken(sent);
                }

                sent = 0;
            }

            BytesSent += sent;
            if (sent == head.Length + pieceLength + tail.Length)
            {
                return SendResult.Done;
            }

            Keep(loop, head, sent);
            int sentOfPiece = Math.Clamp(sent - head.Length, 0, pieceLength);
            _piece = piece + sentOfPiece;
            _pieceLength = pieceLength - sentOfPiece;
            int sentOfTail = Math.Max(0, sent - head.Length - pieceLength);
            _tail = last + sentOfTail;
            _tailLength = tail.Length - sentOfTail;
        }

        // Only the system's refusal makes it say when there is room again.
        return Flush(loop, socket);
    }

    /// <summary>Sends bytes behind what was kept, which is bytes that were copied and nothing else.</summary>
    public SendResult SendBehind(EventLoop loop, int socket, ReadOnlySpan<byte> bytes)
    {
        Debug.Assert(_pieceLength == 0 && _tailLength == 0);
        if (_head.Room < bytes.Length)
        {
            loop.Buffers.Grow(ref _head, _head.Length + bytes.Length);
        }

        _head.Add(bytes);
        return Flush(loop, socket);
    }

    /// <summary>Goes on with what was kept.</summary>
    public SendResult Flush(EventLoop loop, int socket)
    {
        while (!IsEmpty)
        {
            int sent = Write(loop.Sockets, socket, _head.First, _head.Length, _piece, _pieceLength, _tail, _tailLength);
            if (sent == SocketPoller.WouldBlock)
            {
                return SendResult.Blocked;
            }

            if (sent < 0 && sent != -Linux.Interrupted)
            {
                return Broken(sent);
            }

            sent = Math.Max(0, sent);
            BytesSent += sent;
            Forget(sent);
        }

        loop.Buffers.Return(ref _head);
        return SendResult.Done;
    }

    /// <summary>Copies what lies in another connection's buffer, which is about to be given back.</summary>
    public void Own(EventLoop loop)
    {
        if (_pieceLength == 0)
        {
            return;
        }

        LoopBuffer all = loop.Buffers.Rent(_head.Length + _pieceLength + _tailLength);
        all.Add(_head.Unread);
        all.Add(new ReadOnlySpan<byte>(_piece, _pieceLength));
        all.Add(new ReadOnlySpan<byte>(_tail, _tailLength));
        loop.Buffers.Return(ref _head);
        _head = all;
        _pieceLength = 0;
        _tailLength = 0;
    }

    /// <summary>Gives up what is not sent.</summary>
    public void Clear(EventLoop loop)
    {
        loop.Buffers.Return(ref _head);
        this = default;
    }

    private SendResult Broken(int error)
    {
        WasReset |= error == -Linux.ConnectionReset;
        return SendResult.Broken;
    }

    private static int Write(
        SocketPoller sockets, int socket, byte* head, int headLength, byte* piece, int pieceLength, byte* tail, int tailLength)
    {
        Linux.Part* parts = stackalloc Linux.Part[3];
        int count = 0;
        Add(parts, ref count, head, headLength);
        Add(parts, ref count, piece, pieceLength);
        Add(parts, ref count, tail, tailLength);
        return count == 1
            ? sockets.Send(socket, parts[0].Start, (int)parts[0].Length, more: false)
            : sockets.Send(socket, parts, count);
    }

    private static void Add(Linux.Part* parts, ref int count, byte* start, int length)
    {
        if (length > 0)
        {
            parts[count].Start = start;
            parts[count].Length = length;
            count++;
        }
    }

    private void Keep(EventLoop loop, ReadOnlySpan<byte> head, int sent)
    {
        if (sent < head.Length)
        {
            _head = loop.Buffers.Rent(head.Length - sent);
            _head.Add(head[sent..]);
        }
    }

    private void Forget(int sent)
    {
        int ofHead = Math.Min(sent, _head.Length);
        _head.Start += ofHead;
        sent -= ofHead;
        int ofPiece = Math.Min(sent, _pieceLength);
        _piece += ofPiece;
        _pieceLength -= ofPiece;
        sent -= ofPiece;
        _tail += sent;
        _tailLength -= sent;
    }
}

using System.Buffers;

namespace ActorLb.Engine.Http2.Client;

/// <summary>
/// Frames on their way to the peer: appended whole by any thread, written together by whoever finds nobody writing. While
/// nothing is under way it holds no buffer.
/// </summary>
/// <param name="written">Was called for after each write: there may be room again.</param>
/// <param name="broke">The connection broke.</param>
internal sealed class FrameOutput(Stream stream, Action written, Action<Exception> broke)
{
    /// <summary>More data than that is not taken while the peer, or the network, takes none.</summary>
    private const int DataBytesMax = 64 * 1024;

    /// <summary>A peer that asks for answers and takes none is left.</summary>
    private const int BytesMax = 1024 * 1024;

    private const int FirstBytes = 4096;

    private readonly Lock _lock = new();
    private byte[] _next = [];
    private byte[] _writing = [];
    private int _length;
    private bool _isWriting;
    private bool _isClosed;

    /// <summary>A frame of data may be appended.</summary>
    public bool HasRoom
    {
        get
        {
            lock (_lock)
            {
                return _length < DataBytesMax;
            }
        }
    }

    /// <summary>False where the peer takes nothing any more, as with all of these.</summary>
    public bool TryData(int id, ReadOnlySpan<byte> data, bool ends) =>
        TryAppend(new FrameHeader(data.Length, FrameType.Data, ends ? FrameFlags.EndStream : (byte)0, id), data);

    /// <summary>A header block, in as many frames as it takes.</summary>
    public bool TryBlock(int id, ReadOnlySpan<byte> block, bool ends)
    {
        lock (_lock)
        {
            FrameType type = FrameType.Headers;
            bool isTaken = true;
            do
            {
                ReadOnlySpan<byte> part = block[..Math.Min(block.Length, Http2Connection.PayloadBytesMax)];
                block = block[part.Length..];
                int flags = (block.IsEmpty ? FrameFlags.EndHeaders : 0) | (ends && type == FrameType.Headers ? FrameFlags.EndStream : 0);
                isTaken &= TryAppend(new FrameHeader(part.Length, type, (byte)flags, id), part);
                type = FrameType.Continuation;
            }
            while (!block.IsEmpty);
            return isTaken;
        }
    }

    /// <param name="id">0: of the connection.</param>
    public bool TryWindowUpdate(int id, int bytes)
    {
        Span<byte> frame = stackalloc byte[FrameWriter.WindowUpdateBytes];
        return TryAppend(frame[..FrameWriter.WriteWindowUpdate(id, bytes, frame)]);
    }

    public bool TryReset(int id, Http2Error error)
    {
        Span<byte> frame = stackalloc byte[FrameWriter.ResetStreamBytes];
        return TryAppend(frame[..FrameWriter.WriteResetStream(id, error, frame)]);
    }

    public bool TryPing(ReadOnlySpan<byte> data, bool isAck)
    {
        Span<byte> frame = stackalloc byte[FrameWriter.PingBytes];
        return TryAppend(frame[..FrameWriter.WritePing(data, isAck, frame)]);
    }

    public bool TrySettingsAck()
    {
        Span<byte> frame = stackalloc byte[FrameWriter.SettingsAckBytes];
        return TryAppend(frame[..FrameWriter.WriteSettingsAck(frame)]);
    }

    /// <summary>The peer, a server that opens no streams, loses none.</summary>
    public bool TryGoAway(Http2Error error)
    {
        Span<byte> frame = stackalloc byte[FrameWriter.GoAwayBytes];
        return TryAppend(frame[..FrameWriter.WriteGoAway(0, error, default, frame)]);
    }

    /// <summary>Has what was appended written, by this thread or by the one that writes. No lock may be held.</summary>
    public void Flush()
    {
        lock (_lock)
        {
            if (_isWriting || _length == 0 || _isClosed)
            {
                return;
            }

            _isWriting = true;
        }

        _ = WriteAsync();
    }

    /// <summary>Nothing is taken any more.</summary>
    public void Close()
    {
        lock (_lock)
        {
            _isClosed = true;
            if (!_isWriting)
            {
                GiveBack();
            }
        }
    }

    private bool TryAppend(ReadOnlySpan<byte> frame)
    {
        lock (_lock)
        {
            if (_isClosed || _length + frame.Length > BytesMax)
            {
                return false;
            }

            Reserve(frame.Length);
            frame.CopyTo(_next.AsSpan(_length));
            _length += frame.Length;
            return true;
        }
    }

    private bool TryAppend(in FrameHeader header, ReadOnlySpan<byte> payload)
    {
        lock (_lock)
        {
            if (_isClosed || _length + FrameHeader.Bytes + payload.Length > BytesMax)
            {
                return false;
            }

            Reserve(FrameHeader.Bytes + payload.Length);
            header.Write(_next.AsSpan(_length));
            payload.CopyTo(_next.AsSpan(_length + FrameHeader.Bytes));
            _length += FrameHeader.Bytes + payload.Length;
            return true;
        }
    }

    private async Task WriteAsync()
    {
        try
        {
            while (TryTake(out int length))
            {
                await stream.WriteAsync(_writing.AsMemory(0, length)).ConfigureAwait(false);
                written();
            }
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException or OperationCanceledException or InvalidOperationException or System.Net.Sockets.SocketException)
        {
            lock (_lock)
            {
                _isClosed = true;
                _isWriting = false;
                GiveBack();
            }

            broke(e);
        }
    }

    private bool TryTake(out int length)
    {
        lock (_lock)
        {
            length = _length;
            if (length == 0 || _isClosed)
            {
                _isWriting = false;
                GiveBack();
                return false;
            }

            (_next, _writing) = (_writing, _next);
            _length = 0;
            return true;
        }
    }

    private void Reserve(int bytes)
    {
        if (_next.Length - _length >= bytes)
        {
            return;
        }

        byte[] larger = ArrayPool<byte>.Shared.Rent(Math.Max(Math.Max(2 * _next.Length, FirstBytes), _length + bytes));
        _next.AsSpan(0, _length).CopyTo(larger);
        Return(_next);
        _next = larger;
    }

    private void GiveBack()
    {
        Return(_next);
        Return(_writing);
        _next = [];
        _writing = [];
        _length = 0;
    }

    private static void Return(byte[] bytes)
    {
        if (bytes.Length > 0)
        {
            ArrayPool<byte>.Shared.Return(bytes);
        }
    }
}

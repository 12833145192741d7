using System.Buffers;

namespace ActorLb.Engine.Http2.Client;

/// <summary>Reads frames, one after the other, each whole. Belongs to whoever reads the connection.</summary>
/// <param name="payloadBytesMax">SETTINGS_MAX_FRAME_SIZE as the peer knows it.</param>
internal sealed class FrameInput(Stream stream, int payloadBytesMax) : IDisposable
{
    private byte[] _buffer = ArrayPool<byte>.Shared.Rent(2 * (payloadBytesMax + FrameHeader.Bytes));
    private int _start;
    private int _end;
    private FrameHeader _header;

    public FrameHeader Header => _header;

    /// <summary>Until the next call of <see cref="ReadAsync"/>.</summary>
    public ReadOnlyMemory<byte> Payload => _buffer.AsMemory(_start + FrameHeader.Bytes, _header.Length);

    /// <summary>What has come of something that is no frame, for a message.</summary>
    public ReadOnlySpan<byte> Unread => _buffer.AsSpan(_start, _end - _start);

    /// <summary>Goes to the next frame; false at the connection's end.</summary>
    /// <exception cref="Http2Exception">A frame is longer than it may be.</exception>
    /// <exception cref="IOException">The connection broke.</exception>
    public async ValueTask<bool> ReadAsync(CancellationToken cancellation = default)
    {
        _start += _header.Length + (_header == default ? 0 : FrameHeader.Bytes);
        _header = default;
        while (true)
        {
            if (FrameHeader.TryRead(_buffer.AsSpan(_start, _end - _start), out FrameHeader header))
            {
                if (header.Length > payloadBytesMax)
                {
                    throw new Http2Exception(Http2Error.FrameSizeError, $"a frame of {header.Length} bytes came");
                }

                if (_end - _start >= FrameHeader.Bytes + header.Length)
                {
                    _header = header;
                    return true;
                }
            }

            MakeRoom();
            int count = await stream.ReadAsync(_buffer.AsMemory(_end), cancellation).ConfigureAwait(false);
            if (count == 0)
            {
                return false;
            }

            _end += count;
        }
    }

    public void Dispose()
    {
        ArrayPool<byte>.Shared.Return(_buffer);
        _buffer = [];
    }

    private void MakeRoom()
    {
        if (_start > 0)
        {
            _buffer.AsSpan(_start, _end - _start).CopyTo(_buffer);
            _end -= _start;
            _start = 0;
        }
    }
}

namespace ActorLb.Node.Cli;

/// <summary>Reads the lines of a stream of server-sent events, none of which may be longer than a node's would be.</summary>
internal sealed class EventStreamReader(Stream stream, int lineBytesMax)
{
    private byte[] _buffer = new byte[16 * 1024];
    private int _begin;
    private int _scanned;
    private int _end;

    /// <summary>What it holds.</summary>
    public int BufferBytes => _buffer.Length;

    /// <returns>One line without its end, which stays as it is until the next one is read; null: the stream has ended.</returns>
    /// <exception cref="InvalidDataException">It is too long.</exception>
    public async ValueTask<ReadOnlyMemory<byte>?> ReadLineAsync(CancellationToken cancellation)
    {
        while (true)
        {
            // Whoever sends without a pause never lets a read wait, and only waiting would notice.
            cancellation.ThrowIfCancellationRequested();
            int at = _buffer.AsSpan(_scanned, _end - _scanned).IndexOf((byte)'\n');
            if ((at < 0 ? _end : _scanned + at) - _begin > lineBytesMax)
            {
                throw new InvalidDataException("a line is too long");
            }

            if (at >= 0)
            {
                (int from, int to) = (_begin, _scanned + at);
                _begin = _scanned = to + 1;
                return _buffer.AsMemory(from, to - from - (to > from && _buffer[to - 1] == '\r' ? 1 : 0));
            }

            MakeRoom();
            int read = await stream.ReadAsync(_buffer.AsMemory(_end), cancellation);
            if (read == 0)
            {
                return null;
            }

            _end += read;
        }
    }

    // What was read goes first: the buffer is as long as two of the longest lines, however many there are.
    private void MakeRoom()
    {
        if (_begin > 0 && _end > _buffer.Length / 2)
        {
            _buffer.AsSpan(_begin, _end - _begin).CopyTo(_buffer);
            (_begin, _end) = (0, _end - _begin);
        }

        _scanned = _end;
        if (_end > _buffer.Length / 2)
        {
            Array.Resize(ref _buffer, _buffer.Length * 2);
        }
    }
}

namespace ActorLb.Bench.LaneFuzzing;

/// <summary>Bytes on their way in one direction.</summary>
internal sealed class ByteQueue
{
    private byte[] _bytes = new byte[256];
    private int _start;
    private int _end;

    public int Length => _end - _start;

    public void Add(ReadOnlySpan<byte> bytes)
    {
        if (_bytes.Length - _end < bytes.Length)
        {
            Array.Resize(ref _bytes, Math.Max(_bytes.Length * 2, _end + bytes.Length));
        }

        bytes.CopyTo(_bytes.AsSpan(_end));
        _end += bytes.Length;
    }

    /// <summary>Takes the first bytes away; they stay readable until more are added.</summary>
    public ReadOnlySpan<byte> Take(int length)
    {
        ReadOnlySpan<byte> taken = _bytes.AsSpan(_start, length);
        _start += length;
        if (_start == _end)
        {
            _start = _end = 0;
        }

        return taken;
    }

    public void Clear() => _start = _end = 0;
}

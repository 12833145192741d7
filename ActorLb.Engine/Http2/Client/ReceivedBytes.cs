using System.Buffers;

namespace ActorLb.Engine.Http2.Client;

/// <summary>What has come of a body and was not taken yet, as much as its window allows. Empty, it holds no memory. One thread at a time.</summary>
internal struct ReceivedBytes
{
    private const int FirstBytes = 4096;

    private byte[]? _ring;
    private int _start;

    public int Count { get; private set; }

    public void Add(ReadOnlySpan<byte> data)
    {
        if (data.IsEmpty)
        {
            return;
        }

        Reserve(Count + data.Length);
        int end = (_start + Count) % _ring!.Length;
        int first = Math.Min(data.Length, _ring.Length - end);
        data[..first].CopyTo(_ring.AsSpan(end));
        data[first..].CopyTo(_ring);
        Count += data.Length;
    }

    /// <summary>Takes as much as is there and fits; returns how much.</summary>
    public int Take(Span<byte> target)
    {
        int count = Math.Min(target.Length, Count);
        if (count == 0)
        {
            return 0;
        }

        int first = Math.Min(count, _ring!.Length - _start);
        _ring.AsSpan(_start, first).CopyTo(target);
        _ring.AsSpan(0, count - first).CopyTo(target[first..]);
        _start = (_start + count) % _ring.Length;
        Count -= count;
        if (Count == 0)
        {
            Clear();
        }

        return count;
    }

    /// <summary>Forgets all, and gives the memory back.</summary>
    public void Clear()
    {
        if (_ring is not null)
        {
            ArrayPool<byte>.Shared.Return(_ring);
        }

        _ring = null;
        _start = 0;
        Count = 0;
    }

    private void Reserve(int bytes)
    {
        if (_ring is not null && _ring.Length >= bytes)
        {
            return;
        }

        byte[] larger = ArrayPool<byte>.Shared.Rent(Math.Max(bytes, Math.Max(FirstBytes, 2 * (_ring?.Length ?? 0))));
        int count = Count;
        if (_ring is not null)
        {
            int first = Math.Min(count, _ring.Length - _start);
            _ring.AsSpan(_start, first).CopyTo(larger);
            _ring.AsSpan(0, count - first).CopyTo(larger.AsSpan(first));
            ArrayPool<byte>.Shared.Return(_ring);
        }

        _ring = larger;
        _start = 0;
    }
}

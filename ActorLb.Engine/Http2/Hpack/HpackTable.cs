namespace ActorLb.Engine.Http2.Hpack;

/// <summary>
/// The dynamic table of one direction of a connection (RFC 7541, 2.3.2 and 4): entries and their bytes in two rings, which are
/// made with the first entry and never grow. One thread at a time.
/// </summary>
/// <param name="bytesMax">The highest limit that it may get.</param>
internal sealed class HpackTable(int bytesMax)
{
    /// <summary>What an entry counts beside its bytes (4.1).</summary>
    public const int EntryOverhead = 32;

    private byte[] _bytes = [];
    private Entry[] _entries = [];

    /// <summary>Where the next entry, and its first byte, get their place.</summary>
    private int _nextEntry;
    private int _nextByte;

    public int Count { get; private set; }

    /// <summary>As RFC 7541 counts it (4.1).</summary>
    public int Size { get; private set; }

    public int Limit { get; private set; }

    public static long SizeOf(int nameLength, int valueLength) => (long)nameLength + valueLength + EntryOverhead;

    /// <summary>Sets the limit, and drops what is above it.</summary>
    /// <param name="limit">Up to the highest one.</param>
    public void SetLimit(int limit)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(limit, bytesMax);
        Limit = limit;
        DropAbove(limit);
    }

    /// <summary>An entry by its age: 0 is the newest.</summary>
    public bool TryGet(int age, out Entry entry)
    {
        entry = default;
        if ((uint)age >= (uint)Count)
        {
            return false;
        }

        int at = _nextEntry - 1 - age;
        entry = _entries[at < 0 ? at + _entries.Length : at];
        return true;
    }

    public void CopyName(in Entry entry, Span<byte> target) => Copy(entry.Start, target[..entry.NameLength]);

    /// <summary>Its name, and its value behind that.</summary>
    public void CopyField(in Entry entry, Span<byte> target) => Copy(entry.Start, target[..(entry.NameLength + entry.ValueLength)]);

    /// <summary>Adds an entry, and drops older ones for it; one that is larger than the table leaves it empty (4.4).</summary>
    public void Add(ReadOnlySpan<byte> name, ReadOnlySpan<byte> value)
    {
        long size = SizeOf(name.Length, value.Length);
        if (size > Limit)
        {
            DropAbove(0);
            return;
        }

        if (_entries.Length == 0)
        {
            _bytes = new byte[bytesMax];
            _entries = new Entry[bytesMax / EntryOverhead];
        }

        DropAbove(Limit - (int)size);
        _entries[_nextEntry] = new Entry(_nextByte, name.Length, value.Length);
        _nextEntry = _nextEntry + 1 == _entries.Length ? 0 : _nextEntry + 1;
        Put(name);
        Put(value);
        Count++;
        Size += (int)size;
    }

    public void Clear() => DropAbove(0);

    private void DropAbove(int size)
    {
        while (Size > size && TryGet(Count - 1, out Entry oldest))
        {
            Size -= (int)SizeOf(oldest.NameLength, oldest.ValueLength);
            Count--;
        }
    }

    private void Put(ReadOnlySpan<byte> text)
    {
        int upToEnd = Math.Min(text.Length, _bytes.Length - _nextByte);
        text[..upToEnd].CopyTo(_bytes.AsSpan(_nextByte));
        text[upToEnd..].CopyTo(_bytes);
        _nextByte += text.Length;
        if (_nextByte >= _bytes.Length)
        {
            _nextByte -= _bytes.Length;
        }
    }

    private void Copy(int start, Span<byte> target)
    {
        int upToEnd = Math.Min(target.Length, _bytes.Length - start);
        _bytes.AsSpan(start, upToEnd).CopyTo(target);
        _bytes.AsSpan(0, target.Length - upToEnd).CopyTo(target[upToEnd..]);
    }

    /// <param name="Start">Of its name in the ring of bytes; its value follows.</param>
    public readonly record struct Entry(int Start, int NameLength, int ValueLength);
}

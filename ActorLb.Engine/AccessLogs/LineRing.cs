using System.Numerics;
using System.Runtime.InteropServices;

namespace ActorLb.Engine.AccessLogs;

/// <summary>
/// Lines on their way from any number of threads to one reader, in a ring of fixed size. A writer takes its room in one
/// atomic step, copies, and then publishes; it never waits, and a full ring is told at once. Allocates nothing.
/// </summary>
internal sealed class LineRing
{
    private const int WordBytes = sizeof(int);

    // A line is one word with its length, which is 0 until the line is there, and its bytes, padded to whole words.
    private readonly int[] _words;
    private readonly int _mask;
    private long _taken;
    private long _free;

    /// <param name="bytes">At least so many.</param>
    public LineRing(int bytes)
    {
        _words = new int[(int)BitOperations.RoundUpToPowerOf2((uint)Math.Max(bytes, 2 * WordBytes)) / WordBytes];
        _mask = _words.Length - 1;
        _free = _words.Length;
    }

    public int Bytes => _words.Length * WordBytes;

    /// <summary>Any thread. False where there is no room.</summary>
    public bool TryWrite(ReadOnlySpan<byte> line)
    {
        if (line.IsEmpty)
        {
            return true;
        }

        int words = WordsOf(line.Length);
        long at = Volatile.Read(ref _taken);
        while (true)
        {
            if (at + words > Volatile.Read(ref _free))
            {
                return false;
            }

            long before = Interlocked.CompareExchange(ref _taken, at + words, at);
            if (before == at)
            {
                break;
            }

            at = before;
        }

        Span<byte> room = Upper(at + 1, line.Length, out Span<byte> wrapped);
        line[..room.Length].CopyTo(room);
        line[room.Length..].CopyTo(wrapped);
        Volatile.Write(ref _words[at & _mask], line.Length);
        return true;
    }

    /// <summary>The reader's thread alone: as many whole lines as fit, oldest first. Returns their bytes.</summary>
    public int Read(Span<byte> destination, out int lines)
    {
        lines = 0;
        int read = 0;
        long begin = Volatile.Read(ref _free) - _words.Length;
        long at = begin;
        while (at - begin < _words.Length
            && Volatile.Read(ref _words[at & _mask]) is > 0 and var length
            && read + length <= destination.Length)
        {
            ReadOnlySpan<byte> upper = Upper(at + 1, length, out Span<byte> wrapped);
            upper.CopyTo(destination[read..]);
            ((ReadOnlySpan<byte>)wrapped).CopyTo(destination[(read + upper.Length)..]);
            read += length;
            lines++;
            at += WordsOf(length);
        }

        Clear(begin, at);

        // Only now may others write there: a length that is left over would pass for a line.
        Volatile.Write(ref _free, at + _words.Length);
        return read;
    }

    private static int WordsOf(int bytes) => 1 + ((bytes + WordBytes - 1) / WordBytes);

    private Span<byte> Upper(long word, int bytes, out Span<byte> wrapped)
    {
        Span<byte> all = MemoryMarshal.AsBytes(_words.AsSpan());
        int begin = (int)(word & _mask) * WordBytes;
        int upper = Math.Min(bytes, all.Length - begin);
        wrapped = all[..(bytes - upper)];
        return all.Slice(begin, upper);
    }

    private void Clear(long from, long to)
    {
        int begin = (int)(from & _mask);
        int count = (int)(to - from);
        int upper = Math.Min(count, _words.Length - begin);
        _words.AsSpan(begin, upper).Clear();
        _words.AsSpan(0, count - upper).Clear();
    }
}

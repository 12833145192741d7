using System.Runtime.InteropServices;

namespace ActorLb.Engine.Transport;

/// <summary>
/// The one owner of a loop's unmanaged memory. Buffers come in a few sizes; some of each are kept for the next who
/// asks, the last one given back first, since it is in the processor's cache. Of one loop only.
/// </summary>
internal sealed unsafe class BufferPool : IDisposable
{
    /// <summary>What most heads and small answers fit in.</summary>
    public const int SmallBytes = 4 * 1024;

    public const int MediumBytes = 16 * 1024;

    /// <summary>For bodies: fewer system calls per byte.</summary>
    public const int LargeBytes = 64 * 1024;

    private const int KeptBytesPerSize = 4 * 1024 * 1024;

    private static readonly int[] Sizes = [SmallBytes, MediumBytes, LargeBytes];

    private readonly Stack<nint>[] _kept = [.. Sizes.Select(_ => new Stack<nint>())];

    /// <summary>What comes back is written over, so that whoever still reads it is found out. For fuzzing.</summary>
    public bool Poisons { get; set; }

    /// <summary>Bytes that are lent out now.</summary>
    public long LentBytes { get; private set; }

    /// <summary>Bytes that are kept for the next who asks.</summary>
    public long KeptBytes { get; private set; }

    /// <summary>An empty buffer of at least so many bytes.</summary>
    public LoopBuffer Rent(int bytes)
    {
        int index = IndexFor(bytes);
        int capacity = index < 0 ? bytes : Sizes[index];
        LentBytes += capacity;
        if (index >= 0 && _kept[index].TryPop(out nint memory))
        {
            KeptBytes -= capacity;
            return new LoopBuffer { Memory = (byte*)memory, Capacity = capacity };
        }

        return new LoopBuffer { Memory = (byte*)NativeMemory.Alloc((nuint)capacity), Capacity = capacity };
    }

    /// <summary>Takes the buffer back; it is without memory then.</summary>
    public void Return(ref LoopBuffer buffer)
    {
        if (!buffer.IsRented)
        {
            return;
        }

        int capacity = buffer.Capacity;
        if (Poisons)
        {
            new Span<byte>(buffer.Memory, capacity).Fill(0xdd);
        }

        LentBytes -= capacity;
        int index = IndexFor(capacity);
        if (index >= 0 && (long)_kept[index].Count * capacity < KeptBytesPerSize)
        {
            KeptBytes += capacity;
            _kept[index].Push((nint)buffer.Memory);
        }
        else
        {
            NativeMemory.Free(buffer.Memory);
        }

        buffer = default;
    }

    /// <summary>Replaces a buffer by one of at least so many bytes that holds the same.</summary>
    public void Grow(ref LoopBuffer buffer, int bytes)
    {
        LoopBuffer larger = Rent(bytes);
        larger.Add(buffer.Unread);
        Return(ref buffer);
        buffer = larger;
    }

    public void Dispose()
    {
        foreach (Stack<nint> kept in _kept)
        {
            while (kept.TryPop(out nint memory))
            {
                NativeMemory.Free((void*)memory);
            }
        }

        KeptBytes = 0;
    }

    private static int IndexFor(int bytes) =>
        bytes <= SmallBytes ? 0 : bytes <= MediumBytes ? 1 : bytes <= LargeBytes ? 2 : -1;
}

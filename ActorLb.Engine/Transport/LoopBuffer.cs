namespace ActorLb.Engine.Transport;

/// <summary>
/// Unmanaged memory that is rented from a <see cref="BufferPool"/>, with what is unread in it. Without memory until
/// it is rented; whoever holds it gives it back.
/// </summary>
internal unsafe struct LoopBuffer
{
    public byte* Memory;
    public int Capacity;

    /// <summary>The first unread byte.</summary>
    public int Start;

    /// <summary>After the last one.</summary>
    public int End;

    public readonly bool IsRented => Memory != null;

    public readonly int Length => End - Start;

    /// <summary>Bytes that can be added at the end.</summary>
    public readonly int Room => Capacity - End;

    public readonly byte* First => Memory + Start;

    public readonly ReadOnlySpan<byte> Unread => new(Memory + Start, End - Start);

    /// <summary>Moves what is unread to the front.</summary>
    public void Compact()
    {
        if (Start > 0)
        {
            Buffer.MemoryCopy(Memory + Start, Memory, Capacity, Length);
            End -= Start;
            Start = 0;
        }
    }

    public void Add(ReadOnlySpan<byte> bytes)
    {
        bytes.CopyTo(new Span<byte>(Memory + End, Room));
        End += bytes.Length;
    }
}

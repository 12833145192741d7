namespace ActorLb.Engine.Memory;

/// <summary>
/// Whether there is memory for new work, by looks at how much is in use. Full from the limit on, over from a tenth above it, and
/// free again a tenth below it, so that it does not change with every request. What is in use may be garbage: before anybody is
/// refused for it, it is asked to be collected, once.
/// </summary>
/// <param name="AskedAt">When a collection was last asked for; null where the last look was below the limit.</param>
internal readonly record struct MemoryState(MemoryLevel Level, TimeSpan? AskedAt)
{
    /// <summary>A collection has ended by then; what is still in use is in use.</summary>
    public static readonly TimeSpan CollectionTime = TimeSpan.FromMilliseconds(300);

    /// <summary>While it is full: garbage of what was refused is not to keep it full.</summary>
    public static readonly TimeSpan CollectionInterval = TimeSpan.FromSeconds(2);

    private const int Shares = 10;

    /// <summary>The state after one look, and whether a collection is to begin.</summary>
    /// <param name="used">Bytes.</param>
    /// <param name="limit">Bytes.</param>
    /// <param name="now">Of a steady clock.</param>
    public (MemoryState Next, bool Collects) After(long used, long limit, TimeSpan now)
    {
        long share = limit / Shares;
        if (used < limit - share)
        {
            return (default, false);
        }

        if (Level == MemoryLevel.Free && used < limit)
        {
            return (default, false);
        }

        if (used >= limit + share)
        {
            return Asking(MemoryLevel.Over, now);
        }

        // Between the marks it stays as it is, and from the limit on it is full once a collection did not help.
        MemoryLevel level = used < limit ? MemoryLevel.Full
            : Level != MemoryLevel.Free ? Level
            : AskedAt is { } asked && now - asked >= CollectionTime ? MemoryLevel.Full : MemoryLevel.Free;
        return Asking(level, now);
    }

    private (MemoryState Next, bool Collects) Asking(MemoryLevel level, TimeSpan now)
    {
        bool asks = AskedAt is not { } asked || now - asked >= CollectionInterval;
        return (new MemoryState(level, asks ? now : AskedAt), asks);
    }
}

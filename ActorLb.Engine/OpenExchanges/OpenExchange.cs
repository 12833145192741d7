namespace ActorLb.Engine.OpenExchanges;

/// <summary>What is remembered of one exchange from one look at it to the next. Times are those of its lane, in milliseconds.</summary>
internal struct OpenExchange
{
    private const long Never = long.MaxValue;

    private long _beganAt;
    private long _cutAt;

    /// <summary>When its session's use was last noted because of it, in Unix seconds; 0: not yet.</summary>
    public uint NotedAt;

    public void Begin(long now)
    {
        _beganAt = now;
        _cutAt = Never;
        NotedAt = 0;
    }

    /// <summary>Whether it is open for longer than that. Most requests never are.</summary>
    public readonly bool IsOlderThan(long milliseconds, long now) => now - _beganAt >= milliseconds;

    /// <summary>It may stay.</summary>
    public void Stay() => _cutAt = Never;

    /// <summary>It may not stay: whether the time that it had to end by itself is over.</summary>
    public bool IsOver(TimeSpan grace, long now)
    {
        _cutAt = _cutAt == Never ? now + (long)grace.TotalMilliseconds : _cutAt;
        return now >= _cutAt;
    }
}

namespace ActorLb.Engine.OpenExchanges;

/// <summary>What is remembered of one exchange from one look at it to the next. Times are those of its lane, in milliseconds.</summary>
internal struct OpenExchange
{
    private const long Never = long.MaxValue;

    private long _beganAt;
    private long _cutAt;
    private int _waited;

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

    /// <summary>It may not stay, and its time is set.</summary>
    public readonly bool IsLeaving => _cutAt != Never;

    /// <summary>When.</summary>
    public readonly long LeavesAt => _cutAt;

    /// <summary>How long it was left in peace for then.</summary>
    public readonly TimeSpan Waited => TimeSpan.FromMilliseconds(IsLeaving ? _waited : 0);

    /// <summary>It may stay.</summary>
    public void Stay() => _cutAt = Never;

    /// <summary>It may not stay: whether the time that it was left in peace for is over.</summary>
    /// <param name="time">From the first call on; later ones do not count.</param>
    public bool IsOver(TimeSpan time, long now)
    {
        if (_cutAt == Never)
        {
            _waited = (int)time.TotalMilliseconds;
            _cutAt = now + _waited;
        }

        return now >= _cutAt;
    }
}

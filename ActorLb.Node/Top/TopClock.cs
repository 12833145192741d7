namespace ActorLb.Node.Top;

/// <summary>How long ago something was.</summary>
internal sealed class TopClock(TimeProvider time)
{
    private long? _startedAt;

    /// <summary>Nothing where it never was.</summary>
    public TimeSpan Elapsed => _startedAt is { } at ? time.GetElapsedTime(at) : TimeSpan.Zero;

    public void Start() => _startedAt = time.GetTimestamp();

    /// <summary>So long ago, or never.</summary>
    public bool IsPast(TimeSpan span) => _startedAt is not { } at || time.GetElapsedTime(at) >= span;
}

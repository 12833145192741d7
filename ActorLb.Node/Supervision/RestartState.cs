namespace ActorLb.Node.Supervision;

/// <summary>How often an actor has failed in a row, and how long it rests before it starts anew. Pure.</summary>
/// <param name="Failures">In a row.</param>
/// <param name="FailedAt">The last time, by the steady clock.</param>
internal readonly record struct RestartState(int Failures, TimeSpan FailedAt)
{
    /// <summary>Before the second start anew in a row; it doubles each time. The first is at once: most failures are about one message.</summary>
    public static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(100);

    /// <summary>Whoever comes back, a disk for instance, is noticed within it.</summary>
    public static readonly TimeSpan PauseMax = TimeSpan.FromSeconds(5);

    /// <summary>An actor that has worked for so long has recovered: its next failure is a first one.</summary>
    public static readonly TimeSpan Calm = TimeSpan.FromSeconds(30);

    public TimeSpan Pause => Failures <= 1 ? TimeSpan.Zero : Doubled(Failures - 2);

    /// <summary>The pause has just become as long as it gets: it does not look as if it would end by itself.</summary>
    public bool BeginsToLast => Pause == PauseMax && Doubled(Failures - 3) < PauseMax;

    public RestartState Failed(TimeSpan now) => new(Failures > 0 && now - FailedAt <= Calm ? Failures + 1 : 1, now);

    private static TimeSpan Doubled(int times)
    {
        TimeSpan pause = FirstPause * Math.Pow(2, Math.Clamp(times, 0, 16));
        return pause < PauseMax ? pause : PauseMax;
    }
}

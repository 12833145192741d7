namespace ActorLb.Engine.Traffic;

/// <summary>How long one request of a bound session has been trying to reach its backend. Pure; times are timestamps of the data plane's clock.</summary>
/// <param name="Since">When its first connect failed, or it began to wait for the verdict; null before.</param>
/// <param name="Refusals">Connects to this backend that failed at once.</param>
/// <param name="Timeouts">Connects to this backend that timed out, or whose like has for others.</param>
internal readonly record struct Hold(long? Since, int Refusals, int Timeouts)
{
    /// <summary>Connects that time out before a session moves away from a backend that is up: the second tells a lost packet from a lost way.</summary>
    public const int TimeoutsMax = 2;

    private const int DoublingsMax = 4;

    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(20);

    /// <summary>Before the next connect after one that was refused: 20 ms, twice as long each time, 320 ms at most.</summary>
    public TimeSpan Pause => FirstPause * (1 << Math.Min(Math.Max(Refusals - 1, 0), DoublingsMax));

    /// <summary>So many connects have timed out that nobody needs to try again.</summary>
    public bool HasTimedOut => Timeouts >= TimeoutsMax;

    public Hold BegunAt(long now) => Since is null ? this with { Since = now } : this;

    public Hold Refused(long now) => BegunAt(now) with { Refusals = Refusals + 1 };

    public Hold TimedOut(long now) => BegunAt(now) with { Timeouts = Timeouts + 1 };

    /// <summary>At another backend the tries are counted anew, and the time goes on.</summary>
    public Hold Elsewhere => new(Since, 0, 0);
}

namespace ActorLb.Engine.Health;

/// <summary>
/// How long a circuit that statuses opened stays open at least. Who fails again soon after it closed is kept away for twice as long, and at
/// most ten times: a backend that answers its probes and nothing else must not get new sessions between two of them. Pure.
/// </summary>
/// <param name="Length">Of the last opening; zero: none yet.</param>
internal sealed record EjectionTimeState(TimeSpan Length)
{
    /// <summary>How many times the first length is the longest.</summary>
    public const int GrowthMax = 10;

    public static readonly EjectionTimeState None = new(TimeSpan.Zero);

    /// <summary>A circuit opens that was closed.</summary>
    /// <param name="first">health.passive.ejection-time; zero: it is not kept open.</param>
    /// <param name="sinceClosed">Since the last one closed; null: there was none. Soon is within the time for which that one was kept open.</param>
    public EjectionTimeState Opened(TimeSpan first, TimeSpan? sinceClosed)
    {
        if (first == TimeSpan.Zero || Length == TimeSpan.Zero || sinceClosed is null || sinceClosed > Length)
        {
            return new EjectionTimeState(first);
        }

        TimeSpan twice = 2 * Length;
        TimeSpan longest = GrowthMax * first;
        return new EjectionTimeState(twice < longest ? twice : longest);
    }
}

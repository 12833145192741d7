namespace ActorLb.Node.Health;

/// <summary>
/// What one observer thinks of one backend, and how many probes in a row have said otherwise. Pure: each probe gives
/// the next state.
/// </summary>
/// <param name="Healthy">Null before the first verdict.</param>
/// <param name="Against">Probes in a row that contradict <paramref name="Healthy"/>; before the first verdict, those that timed out.</param>
internal readonly record struct HealthState(bool? Healthy, int Against)
{
    public static HealthState Unknown => default;

    /// <summary>A verdict is about to change: time to look more often.</summary>
    public bool IsChanging => Against > 0;

    /// <summary>
    /// The first answer decides at once, a refused connection too; later it takes <paramref name="rise"/> passed or
    /// <paramref name="fall"/> failed in a row. A node that is just starting may be the slow one itself: before the first
    /// verdict, timeouts are counted as they are later, or a restart of all nodes would move every session.
    /// </summary>
    /// <param name="timedOut">It failed, and by the clock alone.</param>
    public HealthState After(bool passed, bool timedOut, int rise, int fall)
    {
        if (Healthy == passed || (Healthy is null && !timedOut))
        {
            return new HealthState(passed, 0);
        }

        int against = Against + 1;
        return against >= (passed ? rise : fall) ? new HealthState(passed, 0) : this with { Against = against };
    }
}

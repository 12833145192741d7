namespace ActorLb.Node.Health;

/// <summary>
/// What one observer thinks of one backend, and how many probes in a row have said otherwise. Pure: each probe gives
/// the next state.
/// </summary>
/// <param name="Healthy">Null before the first probe.</param>
/// <param name="Against">Probes in a row that contradict <paramref name="Healthy"/>.</param>
internal readonly record struct HealthState(bool? Healthy, int Against)
{
    public static HealthState Unknown => default;

    /// <summary>A verdict is about to change: time to look more often.</summary>
    public bool IsChanging => Against > 0;

    /// <summary>The first probe decides at once; later it takes <paramref name="rise"/> passed or <paramref name="fall"/> failed in a row.</summary>
    public HealthState After(bool passed, int rise, int fall)
    {
        if (Healthy is null || Healthy == passed)
        {
            return new HealthState(passed, 0);
        }

        int against = Against + 1;
        return against >= (passed ? rise : fall) ? new HealthState(passed, 0) : this with { Against = against };
    }
}

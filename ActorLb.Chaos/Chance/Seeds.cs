namespace ActorLb.Chaos.Chance;

/// <summary>Sources of chance that are the same in every run with the same seed, whatever runs beside them.</summary>
internal static class Seeds
{
    /// <param name="path">Which of the sources below the run's seed.</param>
    public static Random Random(int seed, params ReadOnlySpan<int> path)
    {
        // splitmix64's finalizer; HashCode.Combine differs from process to process.
        ulong state = (ulong)seed;
        foreach (int step in path)
        {
            state += 0x9E3779B97F4A7C15 + (uint)step;
            state = (state ^ (state >> 30)) * 0xBF58476D1CE4E5B9;
            state = (state ^ (state >> 27)) * 0x94D049BB133111EB;
            state ^= state >> 31;
        }

        return new Random((int)(state & int.MaxValue));
    }
}

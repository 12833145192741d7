namespace ActorLb.Node.RateLimits;

/// <summary>Parts a limit among nodes by what is asked for at each. Pure.</summary>
internal static class RateParts
{
    /// <summary>
    /// Each gets what is asked for there and an even part of what is left; where there is too little, nobody gets more than another one who
    /// wants more: a node that is asked for little is not starved by one that is flooded.
    /// </summary>
    /// <param name="demands">Parts of the limit, not negative. Changed to the shares, whose sum is <paramref name="available"/>.</param>
    public static void Share(Span<double> demands, double available)
    {
        if (demands.IsEmpty)
        {
            return;
        }

        double sum = 0;
        foreach (double demand in demands)
        {
            sum += demand;
        }

        if (sum <= available)
        {
            foreach (ref double demand in demands)
            {
                demand += (available - sum) / demands.Length;
            }

            return;
        }

        double level = LevelOf(demands, available);
        foreach (ref double demand in demands)
        {
            demand = Math.Min(demand, level);
        }
    }

    private static double LevelOf(ReadOnlySpan<double> demands, double available)
    {
        Span<double> sorted = demands.Length <= 64 ? stackalloc double[demands.Length] : new double[demands.Length];
        demands.CopyTo(sorted);
        sorted.Sort();
        for (int i = 0; i < sorted.Length; i++)
        {
            double level = available / (sorted.Length - i);
            if (sorted[i] >= level)
            {
                return level;
            }

            available -= sorted[i];
        }

        return double.MaxValue;
    }
}

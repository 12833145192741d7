namespace ActorLb.Engine.Forwarding;

/// <summary>
/// How old each connection to a backend may grow: limits.connection-age-max, less up to a tenth. Spread evenly over that tenth,
/// so that those of one burst do not end in another. Any thread.
/// </summary>
/// <param name="max">Zero: there is no limit.</param>
internal sealed class ConnectionAges(TimeSpan max)
{
    // The golden ratio's part of 2^32: its multiples fall into the largest gap that those before them left.
    private const uint Step = 2_654_435_769;

    private uint _given;

    /// <summary>For the next connection, in milliseconds; the greatest number where there is no limit.</summary>
    public long Next()
    {
        long age = (long)max.TotalMilliseconds;
        double share = (uint)(Interlocked.Increment(ref _given) * Step) / (double)uint.MaxValue;
        return age > 0 ? age - (long)(age / 10.0 * share) : long.MaxValue;
    }
}

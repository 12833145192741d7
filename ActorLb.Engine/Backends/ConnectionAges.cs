namespace ActorLb.Engine.Backends;

/// <summary>
/// How old each connection to a backend may grow: limits.connection-age-max, less up to a tenth. Spread evenly over that tenth,
/// so that those of one burst do not end in another. Any thread.
/// </summary>
internal sealed class ConnectionAges
{
    // The golden ratio's part of 2^32: its multiples fall into the largest gap that those before them left.
    private const uint Step = 2_654_435_769;

    private uint _given;

    /// <summary>For the next connection, in milliseconds; the greatest number where there is no limit.</summary>
    /// <param name="max">limits.connection-age-max; zero: there is no limit.</param>
    public long Next(TimeSpan max)
    {
        long age = (long)max.TotalMilliseconds;
        double share = (uint)(Interlocked.Increment(ref _given) * Step) / (double)uint.MaxValue;
        return age > 0 ? age - (long)(age / 10.0 * share) : long.MaxValue;
    }
}

namespace ActorLb.Engine.OpenExchanges;

/// <summary>
/// When those are closed that may not stay for one reason: their clients come back at once, and thousands in one moment would
/// be a storm for the backends that take them. A thousand a second, within the first half of the grace, evenly. Any thread.
/// </summary>
internal sealed class LeavingTurns
{
    /// <summary>More are not counted: their time is bounded.</summary>
    public const int Most = 100_000;

    // The golden ratio's part of 2^32: its multiples fall into the largest gap that those before them left.
    private const uint Step = 2_654_435_769;

    private static readonly TimeSpan Each = TimeSpan.FromMilliseconds(1);

    private uint _given;

    /// <summary>From now on.</summary>
    /// <param name="count">Of those that are closed with it, it included; an estimate.</param>
    /// <param name="grace">limits.tunnel-grace: what is left of it is for the goodbye of each.</param>
    public TimeSpan Next(int count, TimeSpan grace)
    {
        TimeSpan all = Each * Math.Clamp(count - 1, 0, Most);
        TimeSpan most = all < grace / 2 ? all : grace / 2;
        return most * ((Interlocked.Increment(ref _given) * Step) / (double)uint.MaxValue);
    }
}

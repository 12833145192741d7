using System.Numerics;

namespace ActorLb.Engine.Measurements;

/// <summary>
/// The buckets of all latency histograms: four of 25 µs, and then four to each doubling from 100 µs to 104.9 s, so that each is at most a quarter
/// wider than where it begins; the last one has what took longer. Each contains its upper bound, as Prometheus' do.
/// </summary>
public static class LatencyBuckets
{
    /// <summary>To each doubling.</summary>
    public const int PerDoubling = 1 << PerDoublingBits;

    /// <summary>Of 100 µs.</summary>
    public const int Doublings = 20;

    public const int Count = ((Doublings + 1) * PerDoubling) + 1;

    private const int PerDoublingBits = 2;

    /// <summary>The width of the narrowest ones.</summary>
    private const long FinestTicks = 25 * TimeSpan.TicksPerMicrosecond;

    /// <param name="ticks">Of a TimeSpan; below 0: the first one has it.</param>
    public static int IndexOf(long ticks)
    {
        ulong finest = ticks <= 0 ? 0 : (ulong)(ticks - 1) / FinestTicks;
        if (finest < PerDoubling)
        {
            return (int)finest;
        }

        int doubling = BitOperations.Log2(finest) - PerDoublingBits;
        return Math.Min(((doubling + 1) * PerDoubling) + (int)((finest >> doubling) & (PerDoubling - 1)), Count - 1);
    }

    /// <summary>The longest time that a bucket has, in ticks of a TimeSpan.</summary>
    public static long UpperTicks(int index) =>
        index >= Count - 1 ? long.MaxValue
        : index < PerDoubling ? (index + 1) * FinestTicks
        : (PerDoubling + (index % PerDoubling) + 1L << ((index / PerDoubling) - 1)) * FinestTicks;

    /// <summary>What is shorter is in buckets before it.</summary>
    public static long LowerTicks(int index) => index == 0 ? 0 : UpperTicks(index - 1);
}

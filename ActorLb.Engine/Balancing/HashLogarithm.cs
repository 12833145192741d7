using System.Numerics;
using System.Runtime.CompilerServices;

namespace ActorLb.Engine.Balancing;

/// <summary>-ln of a hash as a fraction between 0 and 1, to 12 digits also where that is near 1. Inlined, it takes less time than a call of the system's.</summary>
internal static class HashLogarithm
{
    private const int Steps = 128;

    // Of the middle of each step from 1/2 to 1; of the last one its end, whose logarithm is 0, so that what is near 1 keeps its digits.
    private static readonly double[] Inverses = [.. Enumerable.Range(0, Steps).Select(i => 1 / Middle(i))];
    private static readonly double[] Logarithms = [.. Enumerable.Range(0, Steps).Select(i => -Math.Log(Middle(i)))];

    /// <returns>Above 0: the hash stands for the middle of its step, and is never 0 and never 1.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static double Of(uint hash)
    {
        ulong bits = ((ulong)hash << 1) | 1;
        int shift = BitOperations.LeadingZeroCount(bits);
        bits <<= shift;
        int step = (int)(bits >> 56) & (Steps - 1);

        // ln(fraction) = ln(middle) + ln(1 - rest), and rest is 1/256 at most.
        double fraction = (long)(bits >> 11) * (1.0 / (1UL << 53));
        double rest = 1 - (fraction * Inverses[step]);
        double series = rest * (1 + (rest * ((1 / 2.0) + (rest * ((1 / 3.0) + (rest * ((1 / 4.0) + (rest / 5.0))))))));
        return ((shift - 31) * 0.693147180559945309) + Logarithms[step] + series;
    }

    private static double Middle(int step) => step == Steps - 1 ? 1 : (Steps + step + 0.5) / (2 * Steps);
}

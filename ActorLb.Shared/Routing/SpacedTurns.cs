namespace ActorLb.Shared.Routing;

/// <summary>
/// An order too long to be written down. The backends lie side by side on a circle of as many slots as there are turns, each on
/// as many as its weight; a turn takes the slot that lies a fixed step behind the last one's. Since step and length have no
/// common divisor, each slot has one turn in a length, and since the step is near the golden section of it, the turns of each
/// backend are nearly evenly spaced (three-distance theorem: Sós 1958, Świerczkowski 1959). Immutable.
/// </summary>
internal sealed class SpacedTurns
{
    /// <summary>1 / φ.</summary>
    private const double GoldenSection = 0.6180339887498949;

    /// <summary>
    /// How far from the golden section a step is looked for. Next to it its first quotients are all 1, and of those around some have
    /// small ones to the end; and numbers below 2^31 have a coprime one within 20 (Jacobsthal's function of nine primes is 40).
    /// </summary>
    private const int StepsTried = 64;

    private readonly int[] _backends;
    private readonly uint[] _ends;
    private readonly uint _step;

    /// <param name="backends">Who takes part, in the listed order.</param>
    /// <param name="weights">Of each of them, above 0; together at most <see cref="Rotation.LengthMax"/>.</param>
    public SpacedTurns(int[] backends, int[] weights)
    {
        _backends = backends;
        _ends = new uint[weights.Length];
        uint end = 0;
        for (int i = 0; i < weights.Length; i++)
        {
            end += (uint)weights[i];
            _ends[i] = end;
        }

        Length = (int)end;
        _step = StepFor(end);
    }

    public int Length { get; }

    /// <inheritdoc cref="Rotation.At"/>
    public int At(ulong turn)
    {
        uint slot = (uint)(turn % (ulong)Length * _step % (ulong)Length);
        int first = 0;
        int count = _ends.Length;
        while (count > 1)
        {
            int half = count / 2;
            first = _ends[first + half - 1] <= slot ? first + half : first;
            count -= half;
        }

        return _backends[first];
    }

    private static uint StepFor(uint length)
    {
        uint golden = (uint)(length * GoldenSection);
        uint step = 1;
        uint least = uint.MaxValue;
        for (uint away = 0; away < StepsTried; away++)
        {
            foreach (uint candidate in (ReadOnlySpan<uint>)[golden + away, golden - away])
            {
                uint quotient = LargestQuotient(length, candidate);
                if (quotient < least)
                {
                    (step, least) = (candidate, quotient);
                }
            }
        }

        return step;
    }

    /// <summary>Of the continued fraction of step / length: the largest gap between turns grows with it. The most where they have a common divisor.</summary>
    private static uint LargestQuotient(uint length, uint step)
    {
        uint largest = 0;
        while (step != 0)
        {
            (uint quotient, uint rest) = Math.DivRem(length, step);
            largest = Math.Max(largest, quotient);
            (length, step) = (step, rest);
        }

        return length == 1 ? largest : uint.MaxValue;
    }
}

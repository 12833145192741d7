namespace ActorLb.Shared.Routing;

/// <summary>
/// The repeating order in which a pool's backends take turns; over its length each has exactly its share. A short order is
/// smooth weighted round robin (as nginx computes it) and unrolled; a longer one is <see cref="SpacedTurns"/>. Immutable; a
/// request takes one atomic step on it.
/// </summary>
public sealed class Rotation
{
    /// <summary>
    /// The longest order of unequal weights that is unrolled. Two or three backends stay below it whatever their weights and
    /// ramps mostly are, and it is 16 KB: a change of a pool of a thousand must not cost what all its turns would.
    /// </summary>
    public const int UnrolledMax = 4_096;

    /// <summary>The longest order. Beyond it, weights are scaled down, which moves a share by less than one turn in this many.</summary>
    public const int LengthMax = int.MaxValue;

    public static readonly Rotation Empty = new([], null);

    private readonly int[] _turns;
    private readonly SpacedTurns? _spaced;

    private Rotation(int[] turns, SpacedTurns? spaced)
    {
        _turns = turns;
        _spaced = spaced;
    }

    /// <summary>Turns until the order repeats: the sum of the weights over their greatest common divisor, up to <see cref="LengthMax"/>.</summary>
    public int Length => _spaced?.Length ?? _turns.Length;

    /// <summary>Takes the next turn: the index of a backend in the pool, or -1 where none takes part.</summary>
    public int Next(RotationCursor cursor) => _spaced is null && _turns.Length == 0 ? -1 : At(cursor.Next());

    /// <summary>Whose turn it is: the index of a backend in the pool. Not for an empty rotation.</summary>
    /// <param name="turn">From 0; beyond <see cref="Length"/> the order repeats.</param>
    public int At(ulong turn) => _spaced is null ? _turns[(int)(turn % (ulong)_turns.Length)] : _spaced.At(turn);

    /// <summary>The order for weights by index; a weight of 0 takes no turns.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A weight is negative.</exception>
    public static Rotation Of(ReadOnlySpan<int> weights)
    {
        int divisor = 0;
        int taking = 0;
        long total = 0;
        foreach (int weight in weights)
        {
            ArgumentOutOfRangeException.ThrowIfNegative(weight);
            divisor = GreatestCommonDivisor(divisor, weight);
            taking += weight > 0 ? 1 : 0;
            total += weight;
        }

        if (taking == 0)
        {
            return Empty;
        }

        total /= divisor;
        var backends = new int[taking];
        var shares = new int[taking];
        int at = 0;
        for (int i = 0; i < weights.Length; i++)
        {
            if (weights[i] > 0)
            {
                backends[at] = i;
                shares[at++] = weights[i] / divisor;
            }
        }

        return total == taking ? new Rotation(backends, null)
            : total <= UnrolledMax ? new Rotation(SmoothTurns.Of(backends, shares, (int)total), null)
            : new Rotation([], new SpacedTurns(backends, ScaledDown(shares, total)));
    }

    private static int[] ScaledDown(int[] shares, long total)
    {
        if (total > LengthMax)
        {
            // Nobody who takes part is scaled to nothing: each gets one turn, the rest is shared by weight.
            long shared = LengthMax - shares.Length;
            for (int i = 0; i < shares.Length; i++)
            {
                shares[i] = (int)(1 + (shares[i] * shared / total));
            }
        }

        return shares;
    }

    private static int GreatestCommonDivisor(int a, int b)
    {
        while (b != 0)
        {
            (a, b) = (b, a % b);
        }

        return a;
    }
}

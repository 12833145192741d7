namespace ActorLb.Shared.Routing;

/// <summary>
/// The repeating order in which a pool's backends take turns: smooth weighted round robin
/// (as nginx computes it), unrolled once when the set changes. Immutable; a request takes one atomic step on it.
/// </summary>
public sealed class Rotation
{
    /// <summary>
    /// The longest order that is unrolled: with odd weights of many backends it would otherwise grow to millions of
    /// turns. Beyond it, weights are scaled down, which moves a share by less than one turn in this many.
    /// </summary>
    public const int LengthMax = 65_536;

    public static readonly Rotation Empty = new([]);

    private readonly int[] _turns;

    private Rotation(int[] turns) => _turns = turns;

    /// <summary>Turns until the order repeats: the sum of the weights over their greatest common divisor, up to <see cref="LengthMax"/>.</summary>
    public int Length => _turns.Length;

    /// <summary>Backend indices in the order of their turns.</summary>
    public ReadOnlySpan<int> Turns => _turns;

    /// <summary>Takes the next turn: the index of a backend in the pool, or -1 where none takes part.</summary>
    public int Next(RotationCursor cursor) =>
        _turns.Length == 0 ? -1 : _turns[(int)(cursor.Next() % (ulong)_turns.Length)];

    /// <summary>The order for weights by index; a weight of 0 takes no turns.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A weight is negative.</exception>
    public static Rotation Of(ReadOnlySpan<int> weights)
    {
        int divisor = 0;
        foreach (int weight in weights)
        {
            ArgumentOutOfRangeException.ThrowIfNegative(weight);
            divisor = GreatestCommonDivisor(divisor, weight);
        }

        if (divisor == 0)
        {
            return Empty;
        }

        var effective = new long[weights.Length];
        for (int i = 0; i < weights.Length; i++)
        {
            effective[i] = weights[i] / divisor;
        }

        long total = ScaleDown(effective);
        var turns = new int[total];
        TurnsOfWeight[] byWeight = [.. effective
            .Select((weight, index) => (weight, index))
            .Where(b => b.weight > 0)
            .GroupBy(b => b.weight, b => b.index)
            .Select(g => new TurnsOfWeight(g.Key, [.. g]))];
        for (int turn = 0; turn < turns.Length; turn++)
        {
            ref TurnsOfWeight best = ref byWeight[0];
            for (int i = 1; i < byWeight.Length; i++)
            {
                if (byWeight[i].Precedes(best, turn, total))
                {
                    best = ref byWeight[i];
                }
            }

            turns[turn] = best.Take();
        }

        return new Rotation(turns);
    }

    private static long ScaleDown(long[] weights)
    {
        long total = weights.Sum();
        if (total <= LengthMax)
        {
            return total;
        }

        // Nobody who takes part is scaled to nothing: each gets one turn, the rest is shared by weight.
        int taking = weights.Count(w => w > 0);
        long shared = Math.Max(0, LengthMax - taking);
        for (int i = 0; i < weights.Length; i++)
        {
            weights[i] = weights[i] == 0 ? 0 : 1 + (weights[i] * shared / total);
        }

        return weights.Sum();
    }

    private static int GreatestCommonDivisor(int a, int b) => b == 0 ? a : GreatestCommonDivisor(b, a % b);

    /// <summary>
    /// The backends of one weight. Each grows by it at every turn and loses the total when it is chosen, so that among
    /// themselves they are chosen in the listed order, round after round: the next of each weight are all that need comparing.
    /// </summary>
    private struct TurnsOfWeight(long weight, int[] backends)
    {
        private long _round;
        private int _next;

        private readonly int Next => backends[_next];

        /// <summary>Its next one has more than the other's, or as much and is listed before.</summary>
        public readonly bool Precedes(in TurnsOfWeight other, int turn, long total)
        {
            long difference = Current(turn, total) - other.Current(turn, total);
            return difference > 0 || (difference == 0 && Next < other.Next);
        }

        public int Take()
        {
            int taken = Next;
            if (++_next == backends.Length)
            {
                _next = 0;
                _round++;
            }

            return taken;
        }

        private readonly long Current(int turn, long total) => (weight * (turn + 1)) - (_round * total);
    }
}

/// <summary>
/// A node's place in one pool's rotation. Outlives the rotations; starts at the node's offset, so that
/// several nodes do not begin with the same backend.
/// </summary>
public sealed class RotationCursor
{
    private ulong _next;

    public RotationCursor(uint offset = 0) => _next = offset;

    internal ulong Next() => Interlocked.Increment(ref _next) - 1;

    /// <summary>Moves the start by the node's rank; only before the first turn, afterwards it does nothing.</summary>
    public void StartAt(uint offset) => Interlocked.CompareExchange(ref _next, offset, 0);
}

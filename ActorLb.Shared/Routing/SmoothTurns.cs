namespace ActorLb.Shared.Routing;

/// <summary>
/// Smooth weighted round robin, turn by turn: each backend grows by its weight, the first of the largest is chosen and loses
/// the total. Pure.
/// </summary>
internal static class SmoothTurns
{
    /// <summary>The whole order.</summary>
    /// <param name="backends">Who takes part, in the listed order.</param>
    /// <param name="weights">Of each of them, above 0.</param>
    /// <param name="total">Of the weights.</param>
    public static int[] Of(int[] backends, int[] weights, int total)
    {
        var turns = new int[total];
        TurnsOfWeight[] byWeight = [.. backends
            .Zip(weights, (backend, weight) => (backend, weight))
            .GroupBy(b => b.weight, b => b.backend)
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

        return turns;
    }

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

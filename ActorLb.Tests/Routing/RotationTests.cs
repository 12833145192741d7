using ActorLb.Shared.Routing;
using CsCheck;
using Xunit;

namespace ActorLb.Tests.Routing;

public sealed class RotationTests
{
    private const double SpacingMax = 3.5;
    private const double TurnsAside = 6;

    private static readonly Gen<int[]> Weights = Gen.Int[0, 16].Array[1, 8];

    // A few backends with large weights, and many with small ones of which some ramp.
    private static readonly Gen<int[]> LongWeights = Gen.OneOf(
            Gen.Int[1, 2560].Array[2, 12],
            Gen.OneOf(Gen.Const(10), Gen.Const(20), Gen.Const(40), Gen.Int[1, 10]).Array[300, 1000],
            Gen.Int[1, 256].Array[40, 200])
        .Where(w => Rotation.Of(w).Length > Rotation.UnrolledMax);

    [Fact]
    public void Backends_of_equal_weight_take_turns_in_the_listed_order() =>
        Gen.Int[1, 256].Select(Gen.Int[1, 20]).Sample((weight, count) =>
            Assert.Equal(Enumerable.Range(0, count), Rotation.Of(Enumerable.Repeat(weight, count).ToArray()).WholeOrder()));

    [Fact]
    public void Weights_of_five_one_one_are_spread_as_nginx_spreads_them() =>
        Assert.Equal([0, 0, 1, 0, 2, 0, 0], Rotation.Of([5, 1, 1]).WholeOrder());

    [Fact]
    public void The_order_is_that_of_smooth_weighted_round_robin_turn_by_turn() =>
        Gen.Int[0, 40].Array[1, 30].Where(w => w.Sum() > 0).Sample(weights => Assert.Equal(Plainly(weights), Rotation.Of(weights).WholeOrder()));

    // As nginx says it: all grow by their weight, the first of the largest is chosen and loses the total.
    private static int[] Plainly(int[] weights)
    {
        int divisor = (int)weights.Aggregate((a, b) => (int)System.Numerics.BigInteger.GreatestCommonDivisor(a, b));
        int[] effective = [.. weights.Select(w => w / divisor)];
        int total = effective.Sum();
        var current = new int[weights.Length];
        var turns = new int[total];
        for (int turn = 0; turn < total; turn++)
        {
            for (int i = 0; i < weights.Length; i++)
            {
                current[i] += effective[i];
            }

            int best = Array.FindIndex(current, c => c == current.Where((_, i) => effective[i] > 0).Max());
            while (effective[best] == 0)
            {
                best = Array.FindIndex(current, best + 1, c => c == current.Where((_, i) => effective[i] > 0).Max());
            }

            current[best] -= total;
            turns[turn] = best;
        }

        return turns;
    }

    [Fact]
    public void Every_window_of_the_rotations_length_holds_exactly_the_weights_shares() =>
        Weights.Where(w => w.Sum() > 0).Select(Gen.UInt).Sample((weights, start) =>
        {
            var rotation = Rotation.Of(weights);
            int sum = weights.Sum();
            int[] turns = Count(rotation, new RotationCursor(start), rotation.Length, weights.Length);
            for (int i = 0; i < weights.Length; i++)
            {
                Assert.Equal((long)weights[i] * rotation.Length, (long)turns[i] * sum);
            }
        });

    [Fact]
    public void At_every_moment_each_backend_has_had_its_share_within_two_turns_and_within_one_of_up_to_three() =>
        Weights.Where(w => w.Sum() > 0).Sample(weights =>
        {
            var rotation = Rotation.Of(weights);
            int allowed = weights.Count(w => w > 0) <= 3 ? 1 : 2;
            double sum = weights.Sum();
            var had = new int[weights.Length];
            for (int turn = 0; turn < rotation.Length; turn++)
            {
                had[rotation.At((ulong)turn)]++;
                for (int i = 0; i < weights.Length; i++)
                {
                    Assert.InRange(had[i] - ((turn + 1) * weights[i] / sum), -allowed, allowed);
                }
            }
        });

    [Fact]
    public void Over_several_nodes_the_totals_of_equal_backends_differ_by_at_most_one_per_node() =>
        Gen.Int[1, 8].Select(Gen.Int[1, 7], Gen.Int[0, 50].Array[7]).Sample((backends, nodes, requests) =>
        {
            var rotation = Rotation.Of(Enumerable.Repeat(1, backends).ToArray());
            var totals = new int[backends];
            for (uint node = 0; node < nodes; node++)
            {
                var cursor = new RotationCursor();
                cursor.StartAt(node);
                int[] turns = Count(rotation, cursor, requests[node], backends);
                for (int i = 0; i < backends; i++)
                {
                    totals[i] += turns[i];
                }
            }

            Assert.InRange(totals.Max() - totals.Min(), 0, nodes);
        });

    [Fact]
    public void Requests_from_many_threads_share_the_turns_exactly()
    {
        var rotation = Rotation.Of([3, 2, 1]);
        var cursor = new RotationCursor();
        var turns = new int[3];
        Parallel.For(0, 6 * 10_000, _ => Interlocked.Increment(ref turns[rotation.Next(cursor)]));
        Assert.Equal([30_000, 20_000, 10_000], turns);
    }

    [Fact]
    public void Nobody_with_weight_takes_no_turns()
    {
        Assert.Equal(-1, Rotation.Of([]).Next(new RotationCursor()));
        Assert.Equal(-1, Rotation.Of([0, 0]).Next(new RotationCursor()));
        Assert.Equal([1], Rotation.Of([0, 7, 0]).WholeOrder());
    }

    [Fact]
    public void A_negative_weight_is_refused() =>
        Assert.Throws<ArgumentOutOfRangeException>(() => Rotation.Of([1, -1]));

    [Fact]
    public void A_cursor_that_has_taken_a_turn_is_not_moved_again()
    {
        var rotation = Rotation.Of([1, 1, 1]);
        var cursor = new RotationCursor();
        cursor.StartAt(2);
        Assert.Equal(2, rotation.Next(cursor));
        cursor.StartAt(1);
        Assert.Equal(0, rotation.Next(cursor));
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(0)]
    [InlineData(1)]
    public void An_order_at_the_limit_of_what_is_written_down_has_exact_shares_on_both_sides_of_it(int beyond)
    {
        int[] weights = [Rotation.UnrolledMax - 10 + beyond, 7, 3];
        var rotation = Rotation.Of(weights);
        Assert.Equal(weights.Sum(), rotation.Length);
        int[] order = rotation.WholeOrder();
        Assert.Equal(weights, Enumerable.Range(0, 3).Select(i => order.Count(b => b == i)));
        Assert.Equal(beyond <= 0, Plainly(weights).SequenceEqual(order));
    }

    [Fact]
    public void A_long_order_has_exact_shares_over_any_of_its_lengths() =>
        LongWeights.Select(Gen.UInt).Sample((weights, start) =>
        {
            var rotation = Rotation.Of(weights);
            int divisor = weights.Aggregate((a, b) => (int)System.Numerics.BigInteger.GreatestCommonDivisor(a, b));
            Assert.Equal(weights.Sum() / divisor, rotation.Length);
            Assert.Equal(weights.Select(w => w / divisor), Count(rotation, new RotationCursor(start), rotation.Length, weights.Length));
        });

    [Fact]
    public void In_a_long_order_the_turns_of_each_backend_are_nearly_evenly_spaced() =>
        LongWeights.Sample(weights =>
        {
            var rotation = Rotation.Of(weights);
            var last = new int?[weights.Length];
            double sum = weights.Sum();
            for (int turn = 0; turn < 2 * rotation.Length; turn++)
            {
                int backend = rotation.At((ulong)turn);
                if (last[backend] is { } before)
                {
                    double even = sum / weights[backend];
                    Assert.True(turn - before <= (SpacingMax * even) + 1, $"{turn - before} turns where {even} are its share");
                }

                last[backend] = turn;
            }
        });

    [Fact]
    public void At_every_moment_of_a_long_order_each_backend_has_had_its_share_within_a_few_turns() =>
        LongWeights.Sample(weights =>
        {
            var rotation = Rotation.Of(weights);
            double sum = weights.Sum();
            var had = new int[weights.Length];
            for (int turn = 0; turn < rotation.Length; turn++)
            {
                int backend = rotation.At((ulong)turn);
                double share = (turn + 1) * weights[backend] / sum;
                Assert.InRange(++had[backend] - share, -TurnsAside, TurnsAside);
            }
        });

    [Fact]
    public void Weights_that_no_length_can_hold_are_scaled_down_and_nobody_is_left_out()
    {
        int[] weights = [int.MaxValue, 1, int.MaxValue - 1, 0];
        var rotation = Rotation.Of(weights);
        Assert.InRange(rotation.Length, Rotation.LengthMax - weights.Length, Rotation.LengthMax);
        int[] turns = Count(rotation, new RotationCursor(), 100_000, weights.Length);
        Assert.Equal(0, turns[3]);
        Assert.InRange(turns[0], 49_900, 50_100);
        Assert.InRange(turns[2], 49_900, 50_100);
    }

    [Fact]
    public void A_turn_of_any_rotation_allocates_nothing()
    {
        Rotation[] rotations = [Rotation.Of([1, 1, 1]), Rotation.Of([3, 2, 1]), Rotation.Of([.. Enumerable.Range(1, 1000)])];
        var cursor = new RotationCursor();
        int sum = rotations.Sum(r => r.Next(cursor));
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 1000; i++)
        {
            foreach (Rotation rotation in rotations)
            {
                sum += rotation.Next(cursor);
            }
        }

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
        Assert.NotEqual(0, sum);
    }

    private static int[] Count(Rotation rotation, RotationCursor cursor, int requests, int backends)
    {
        var turns = new int[backends];
        for (int i = 0; i < requests; i++)
        {
            turns[rotation.Next(cursor)]++;
        }

        return turns;
    }
}

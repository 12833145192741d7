using ActorLb.Shared.Routing;
using CsCheck;
using Xunit;

namespace ActorLb.Tests.Routing;

public sealed class RotationTests
{
    private static readonly Gen<int[]> Weights = Gen.Int[0, 16].Array[1, 8];

    [Fact]
    public void Backends_of_equal_weight_take_turns_in_the_listed_order() =>
        Gen.Int[1, 256].Select(Gen.Int[1, 20]).Sample((weight, count) =>
            Assert.Equal(Enumerable.Range(0, count), Rotation.Of(Enumerable.Repeat(weight, count).ToArray()).Turns.ToArray()));

    [Fact]
    public void Weights_of_five_one_one_are_spread_as_nginx_spreads_them() =>
        Assert.Equal([0, 0, 1, 0, 2, 0, 0], Rotation.Of([5, 1, 1]).Turns.ToArray());

    [Fact]
    public void The_order_is_that_of_smooth_weighted_round_robin_turn_by_turn() =>
        Gen.Int[0, 40].Array[1, 30].Where(w => w.Sum() > 0).Sample(weights => Assert.Equal(Plainly(weights), Rotation.Of(weights).Turns.ToArray()));

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
                had[rotation.Turns[turn]]++;
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
        Assert.Equal([1], Rotation.Of([0, 7, 0]).Turns.ToArray());
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
    public void An_order_never_grows_beyond_its_limit(int beyond)
    {
        var rotation = Rotation.Of([Rotation.LengthMax - 1 + beyond, 1]);
        Assert.InRange(rotation.Length, Rotation.LengthMax - 1, Rotation.LengthMax);
        Assert.Equal(1, rotation.Turns.Count(1));
    }

    [Fact]
    public void Beyond_the_limit_shares_stay_within_one_turn_and_nobody_is_left_out()
    {
        int[] weights = [.. Enumerable.Range(0, 600).Select(i => i % 2 == 0 ? 256 : 1)];
        var rotation = Rotation.Of(weights);
        Assert.InRange(rotation.Length, 1, Rotation.LengthMax);
        for (int i = 0; i < weights.Length; i++)
        {
            double share = (double)weights[i] * rotation.Length / weights.Sum();
            Assert.InRange(rotation.Turns.Count(i), Math.Max(1, share - 2), share + 2);
        }
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

using ActorLb.Engine.Balancing;
using ActorLb.Shared.Settings;
using CsCheck;
using Xunit;
using Xunit.Abstractions;

namespace ActorLb.Tests.Balancing;

public sealed class BalancePolicyTests(ITestOutputHelper output)
{
    private static readonly Gen<int[]> Weights = Gen.Int[1, 9].Array[1, 40];

    [Theory]
    [InlineData(BalanceKind.RoundRobin)]
    [InlineData(BalanceKind.LeastRequests)]
    [InlineData(BalanceKind.PowerOfTwo)]
    [InlineData(BalanceKind.Hash)]
    public void Of_requests_that_take_no_time_and_have_no_key_each_gets_exactly_its_weight(BalanceKind kind) => Weights.Sample(weights =>
    {
        var pool = new BalancedPool(kind, weights);
        Assert.Equal(weights.Select(w => 3 * w), pool.Counts(3 * weights.Sum()));
    }, iter: 50);

    [Theory]
    [InlineData(BalanceKind.RoundRobin)]
    [InlineData(BalanceKind.LeastRequests)]
    [InlineData(BalanceKind.PowerOfTwo)]
    [InlineData(BalanceKind.Hash)]
    public void Nobody_is_chosen_who_takes_no_new_sessions(BalanceKind kind) =>
        Gen.Select(Weights, Gen.Bool.Array[40], Gen.ULong.Array[20]).Sample((weights, down, keys) =>
        {
            var pool = new BalancedPool(kind, weights);
            for (int i = 0; i < weights.Length; i++)
            {
                pool.Load(i, i % 4);
            }

            string[] ids = [.. pool.Now.Backends.Where((_, i) => down[i]).Select(b => b.Id)];
            pool.Down(ids);
            foreach (ulong key in keys)
            {
                int place = pool.Next(BalanceKey.Of(key));
                Assert.True(place < 0 ? ids.Length == weights.Length : pool.Now.Backends[place].TakesNewSessions);
            }
        }, iter: 100);

    [Fact]
    public void The_least_requests_are_found_among_all_of_a_pool_that_is_looked_at_whole() =>
        Gen.Int[0, 9].Array[1, LeastRequestsPolicy.LookedAtMax].Sample(loads =>
        {
            var pool = new BalancedPool(BalanceKind.LeastRequests, BalancedPool.Ones(loads.Length));
            for (int i = 0; i < loads.Length; i++)
            {
                pool.Load(i, loads[i]);
            }

            Assert.Equal(loads.Min(), loads[pool.Next()]);
        }, iter: 300);

    [Fact]
    public void A_turn_passes_to_who_would_carry_no_more_for_his_weight_than_the_other_does_now() =>
        Gen.Select(Gen.Int[0, 20], Gen.Int[1, 9]).Array[2, 6].Sample(backends =>
        {
            var pool = new BalancedPool(BalanceKind.LeastRequests, [.. backends.Select(b => b.Item2)]);
            for (int i = 0; i < backends.Length; i++)
            {
                pool.Load(i, backends[i].Item1);
            }

            (int load, int weight) = backends[pool.Next()];
            Assert.All(backends, b => Assert.True((load * b.Item2) <= ((b.Item1 + 1) * weight)));
        }, iter: 300);

    [Fact]
    public void With_power_of_two_whoever_has_more_than_all_others_gets_nothing() =>
        Gen.Select(Gen.Int[0, 9].Array[2, 40], Gen.Int[0, 39]).Sample((loads, most) =>
        {
            var pool = new BalancedPool(BalanceKind.PowerOfTwo, BalancedPool.Ones(loads.Length));
            most %= loads.Length;
            loads[most] = 10;
            for (int i = 0; i < loads.Length; i++)
            {
                pool.Load(i, loads[i]);
            }

            Assert.Equal(0, pool.Counts(100)[most]);
        }, iter: 200);

    [Theory]
    [InlineData(BalanceKind.RoundRobin, 1.0)]
    [InlineData(BalanceKind.LeastRequests, 1.05)]
    [InlineData(BalanceKind.PowerOfTwo, 1.10)]
    public void Equal_servers_get_as_many_requests(BalanceKind kind, double most)
    {
        const int Requests = 100_000;
        int[] counts = Simulation.Of(new BalancedPool(kind, BalancedPool.Ones(10)), Requests, atATime: 40, _ => 1).Counts;
        double fullest = counts.Max() / (Requests / 10.0);
        output.WriteLine($"{kind}: {fullest}");
        Assert.InRange(fullest, 1, most);
    }

    [Theory]
    [InlineData(BalanceKind.LeastRequests)]
    [InlineData(BalanceKind.PowerOfTwo)]
    public void Servers_as_quick_as_their_weights_get_their_shares(BalanceKind kind)
    {
        int[] weights = [1, 2, 4, 8];
        int[] counts = Simulation.Of(new BalancedPool(kind, weights), 60_000, atATime: 30, place => 1.0 / weights[place]).Counts;
        Assert.All(counts, (count, i) => Assert.InRange(count / (4000.0 * weights[i]), 0.9, 1.1));
    }

    [Theory]
    [InlineData(BalanceKind.LeastRequests)]
    [InlineData(BalanceKind.PowerOfTwo)]
    public void A_server_that_is_ten_times_slower_delays_few(BalanceKind kind)
    {
        double share = P99(kind) / P99(BalanceKind.RoundRobin);
        output.WriteLine($"{kind}: {share}");
        Assert.InRange(share, 0, 0.5);

        static double P99(BalanceKind kind)
        {
            double[] times = [.. Simulation.Of(new BalancedPool(kind, 1, 1, 1), 20_000, atATime: 100, place => place == 0 ? 10 : 1).Times.Order()];
            return times[(int)(times.Length * 0.99)];
        }
    }

    [Theory]
    [InlineData(BalanceKind.LeastRequests)]
    [InlineData(BalanceKind.PowerOfTwo)]
    [InlineData(BalanceKind.Hash)]
    public void Who_is_in_his_slow_start_gets_his_part_of_a_share(BalanceKind kind)
    {
        var pool = new BalancedPool(kind, 1, 1, 1);
        pool.Set(id => BalancedPool.Up with { SlowStartShare = id == "s:2" ? 0.2 : 1 });
        var counts = new int[3];
        for (ulong i = 0; i < 22_000; i++)
        {
            counts[pool.Next(BalanceKey.Of(i))]++;
        }

        Assert.All([10_000, 2000, 10_000], (share, i) => Assert.InRange(counts[i] / (double)share, 0.93, 1.07));
    }

    [Fact]
    public void A_policy_is_made_anew_where_its_candidates_or_its_kind_change_and_else_kept()
    {
        var pool = new BalancedPool(BalanceKind.LeastRequests, 1, 1, 1);
        BalancePolicy first = pool.Now.Policy;
        pool.Set(_ => BalancedPool.Up with { WhyDown = "nothing that matters", Since = DateTimeOffset.MaxValue });
        Assert.Same(first, pool.Now.Policy);
        pool.Down("s:1");
        Assert.NotSame(first, pool.Now.Policy);
        pool.Set(s => s with { Balance = s.Balance with { Kind = BalanceKind.Hash } });
        Assert.IsType<HashPolicy>(pool.Now.Policy);
    }

    [Fact]
    public void Of_a_pool_of_a_thousand_some_are_looked_at_and_all_in_the_long_run()
    {
        var pool = new BalancedPool(BalanceKind.LeastRequests, BalancedPool.Ones(1000));
        for (int i = 0; i < 1000; i++)
        {
            pool.Load(i, i == 777 ? 1 : 5);
        }

        // Whose turn it is has 1, or whoever looks finds him among 32 others.
        Assert.InRange(pool.Counts(3000)[777], 40, 160);
    }
}

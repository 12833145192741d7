using System.Collections.Immutable;
using ActorLb.Engine.Rates;
using ActorLb.Node.RateLimits;
using ActorLb.Shared.Messages;
using CsCheck;
using Xunit;

namespace ActorLb.Tests.RateLimits;

/// <summary>What several nodes let through together of one limit, whatever comes to which of them; with a clock of the test's.</summary>
public sealed class ClusterRateSimulationTests
{
    private const int StepsPerSecond = 50;

    // For each node and each half second: nothing, little, half, all, and much more than the limit.
    private static readonly double[] Loads = [0, 0.1, 0.5, 1, 6];

    [Fact]
    public void In_no_span_of_time_more_passes_than_the_burst_the_rate_and_one_interval_of_shares() =>
        Gen.Select(Gen.Int[1, 6], Gen.Int[20, 200], Gen.Int[1, 200], Gen.Int[0, 4].Array[16].Array[6], Gen.Int[0, 1000])
            .Sample((nodes, requests, burst, loads, seed) => Hold(new Run(nodes, requests, burst, seed), loads, answersLost: 0), iter: 60);

    [Fact]
    public void Answers_that_are_lost_add_what_a_share_may_last() =>
        Gen.Select(Gen.Int[2, 6], Gen.Int[20, 200], Gen.Int[1, 200], Gen.Int[0, 4].Array[16].Array[6], Gen.Int[0, 1000])
            .Sample((nodes, requests, burst, loads, seed) => Hold(new Run(nodes, requests, burst, seed), loads, answersLost: 0.3), iter: 60);

    [Fact]
    public void A_client_that_comes_to_one_node_has_all_of_the_limit_when_the_others_know()
    {
        var run = new Run(3, 100, 100, 1);
        run.Go(13, (node, _) => node == 1 ? 3 : 0);
        Assert.InRange(run.Passed(3, 13), 990, 1010);
    }

    [Fact]
    public void A_client_that_comes_to_all_nodes_has_the_limit_once()
    {
        var run = new Run(3, 100, 100, 1);
        run.Go(13, (_, _) => 2);
        Assert.InRange(run.Passed(0, 3), 300, 400);
        Assert.InRange(run.Passed(3, 13), 990, 1010);
    }

    [Fact]
    public void A_client_that_asks_for_less_than_the_limit_is_never_refused_once_it_is_known()
    {
        var run = new Run(3, 100, 30, 1);
        run.Go(12, (node, _) => node == 2 ? 0.9 : 0);
        Assert.InRange(run.Passed(4, 12), 719, 721);
    }

    [Fact]
    public void A_client_that_moves_from_node_to_node_gets_no_burst_at_each()
    {
        var run = new Run(3, 100, 100, 1);
        run.Go(30, (node, second) => node == (int)(second / 2) % 3 ? 10 : 0);
        Assert.InRange(run.Passed(0, 30), 1000, 3100);
    }

    [Theory]
    [InlineData(2)]
    [InlineData(30)]
    [InlineData(1000)]
    public void A_client_that_leaves_the_other_nodes_has_all_of_the_limit_soon_however_much_it_asked_for(double flood)
    {
        var run = new Run(3, 30, 30, 1);
        run.Go(14, (node, second) => second < 6 || node == 1 ? flood : 0);
        Assert.InRange(run.Passed(9, 14), 130, 151);
        Assert.InRange(run.Passed(10, 14), 114, 121);
    }

    [Fact]
    public void A_limit_of_less_than_one_for_each_node_lets_through_one_for_each_and_then_the_limit()
    {
        var run = new Run(5, 1, 1, 1);
        run.Go(40, (_, _) => 10);
        Assert.InRange(run.Passed(0, 40), 30, 46);
    }

    private static void Hold(Run run, int[][] loads, double answersLost)
    {
        int seconds = loads[0].Length / 2;
        run.AnswersLost = answersLost;
        run.Go(seconds, (node, second) => Loads[loads[node][(int)(second * 2)]]);
        int steps = seconds * StepsPerSecond;
        double slack = run.Requests * (answersLost > 0 ? ClusterRates.SharesLast.TotalSeconds : 1);
        for (int from = 0; from < steps; from++)
        {
            for (int to = from + 1; to <= steps; to++)
            {
                double bound = Math.Max(run.Burst, run.Nodes) + run.Nodes + (run.Requests * (to - from) / (double)StepsPerSecond) + slack;
                int passed = run.PassedSteps(from, to);
                Assert.True(passed <= bound, $"{passed} of {bound} from {from} to {to} in steps of 20 ms");
            }
        }
    }

    /// <summary>Nodes whose reports are spread over the second, and the owner of the one key.</summary>
    private sealed class Run
    {
        private static readonly RateKeyId Key = new(9, 1);

        private readonly ShareTable[] _tables;
        private readonly RateOwner _owner = new();
        private readonly Random _random;
        private readonly int[] _phases;
        private readonly double[] _left;
        private readonly List<int> _sums = [0];

        public Run(int nodes, int requests, int burst, int seed)
        {
            (Nodes, Requests, Burst) = (nodes, requests, burst);
            var inForce = new SharesInForce();
            inForce.Follow(nodes, 7);
            _random = new Random(seed);
            _tables = [.. Enumerable.Range(0, nodes).Select(_ => new ShareTable(Key.Route, requests, TimeSpan.FromSeconds(1), burst, 8, inForce))];
            _phases = [.. Enumerable.Range(0, nodes).Select(_ => _random.Next(StepsPerSecond))];
            _left = new double[nodes];
            _owner.Follow(Enumerable.Range(0, nodes).Select(i => $"n{i}"), -ClusterRates.SharesLast);
        }

        public int Nodes { get; }

        public int Requests { get; }

        public int Burst { get; }

        public double AnswersLost { get; set; }

        public int PassedSteps(int from, int to) => _sums[to] - _sums[from];

        public int Passed(int fromSecond, int toSecond) => PassedSteps(fromSecond * StepsPerSecond, toSecond * StepsPerSecond);

        /// <param name="load">For each node and second what comes, as a part of the limit.</param>
        public void Go(int seconds, Func<int, double, double> load)
        {
            for (int step = 0; step < seconds * StepsPerSecond; step++)
            {
                TimeSpan now = TimeSpan.FromSeconds((double)step / StepsPerSecond);
                int passed = 0;
                for (int node = 0; node < Nodes; node++)
                {
                    if (step % StepsPerSecond == _phases[node] && Nodes > 1)
                    {
                        Report(node, now);
                    }

                    _left[node] += load(node, now.TotalSeconds) * Requests / StepsPerSecond;
                    for (; _left[node] >= 1; _left[node]--)
                    {
                        passed += _tables[node].Take(Key.Key, now) == TimeSpan.Zero ? 1 : 0;
                    }
                }

                _sums.Add(_sums[^1] + passed);
            }
        }

        private void Report(int node, TimeSpan now)
        {
            var hot = new List<RatePart>();
            _tables[node].AddHot(hot, now);
            ImmutableArray<RatePart> given = _owner.Answer($"n{node}", hot, now);
            foreach (RatePart part in _random.NextDouble() < AnswersLost ? [] : given)
            {
                _tables[node].Give(part.Id.Key, part.Millionths / (double)RatePart.Whole, now + ClusterRates.SharesLast, now, 7);
            }
        }
    }
}

using CsCheck;
using Xunit;

namespace ActorLb.Tests.Cluster.Discovery;

public sealed class DiscoverySimulationTests
{
    private const int Minute = 240;

    [Fact]
    public void Nodes_that_start_together_become_one_cluster_though_answers_are_lost()
    {
        Gen.Select(Gen.Int[2, 6], Gen.Double[0, 0.4], Gen.Int[0, 1_000_000]).Sample((nodes, loss, seed) =>
        {
            var simulation = new DiscoverySimulation(nodes, loss, seed);
            simulation.Run(2 * Minute);

            // Where five of eight questions fail, six nodes seldom hear all of a cluster at once, and need longer.
            for (int minutes = 2; loss > 0.3 && simulation.Clusters > 1 && minutes < 60; minutes++)
            {
                simulation.Run(Minute);
            }

            Assert.Equal(1, simulation.Clusters);
        });
    }

    [Fact]
    public void Whatever_was_cut_nodes_become_one_cluster_when_it_is_mended_and_then_nobody_moves()
    {
        Gen.Select(Gen.Int[2, 6], Gen.Double[0, 0.3], Gen.Int[0, 1_000_000]).Sample((nodes, loss, seed) =>
        {
            var simulation = new DiscoverySimulation(nodes, loss, seed);
            var random = new Random(seed);
            for (int cut = 0; cut < 4; cut++)
            {
                Break(simulation, random, nodes);
                simulation.Run(random.Next(Minute));
            }

            Array.Clear(simulation.Broken);
            int mended = simulation.Lives;
            simulation.Run(2 * Minute);
            Assert.Equal(1, simulation.Clusters);
            Assert.InRange(simulation.Lives - mended, 0, 3 * nodes);

            int settled = simulation.Lives;
            simulation.Run(2 * Minute);
            Assert.Equal(settled, simulation.Lives);
        });
    }

    [Fact]
    public void While_links_stay_broken_in_any_way_no_node_starts_anew_for_ever()
    {
        Gen.Select(Gen.Int[2, 6], Gen.Double[0, 0.3], Gen.Int[0, 1_000_000]).Sample((nodes, loss, seed) =>
        {
            var simulation = new DiscoverySimulation(nodes, loss, seed);
            simulation.Run(Minute);
            Break(simulation, new Random(seed), nodes);
            simulation.Run(6 * Minute);

            int settled = simulation.Lives;
            simulation.Run(6 * Minute);
            Assert.Equal(settled, simulation.Lives);
        });
    }

    private static void Break(DiscoverySimulation simulation, Random random, int nodes)
    {
        Array.Clear(simulation.Broken);
        for (int one = 0; one < nodes; one++)
        {
            for (int other = 0; other < nodes; other++)
            {
                simulation.Broken[one, other] = random.Next(4) == 0;
            }
        }
    }
}

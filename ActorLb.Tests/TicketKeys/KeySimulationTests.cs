using ActorLb.Shared.Sessions;
using CsCheck;
using Xunit;

namespace ActorLb.Tests.TicketKeys;

public sealed class KeySimulationTests
{
    [Fact]
    public void Whatever_is_lost_crashes_splits_and_heals_nobody_signs_with_a_key_that_a_member_cannot_verify() =>
        Gen.Select(Gen.Int[1, 5], Gen.Int[0, 600], Gen.Int).Sample(
            (nodes, steps, seed) =>
            {
                var simulation = new KeySimulation(nodes, seed);
                for (int i = 0; i < steps; i++)
                {
                    simulation.Step();
                }

                simulation.Settle();

                TicketKeyRing ring = simulation.Nodes[0].State.Ring;
                Assert.All(simulation.Nodes, n => Assert.True(n.Settled));
                Assert.All(simulation.Nodes, n => Assert.Equal(ring, n.State.Ring));
                Assert.All(simulation.Nodes, n => Assert.Equal(ring, n.Disk));
                Assert.Null(ring.Pending);
                Assert.All(simulation.Alive(), key => Assert.Contains(key, ring.Keys));
            },
            iter: 2_000);

    [Fact]
    public void The_simulation_does_rotate_and_merge()
    {
        var simulation = new KeySimulation(4, seed: 7);
        int most = 0;
        for (int i = 0; i < 5_000; i++)
        {
            simulation.Step();
            most = Math.Max(most, simulation.Nodes.Max(n => n.State.Ring.Keys.Length));
        }

        Assert.InRange(simulation.Rotations, 10, int.MaxValue);
        Assert.InRange(most, 3, int.MaxValue);
    }
}

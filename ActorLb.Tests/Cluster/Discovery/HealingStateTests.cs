using ActorLb.Node.Cluster.Discovery;
using ActorLb.Shared.Settings;
using CsCheck;
using Xunit;

namespace ActorLb.Tests.Cluster.Discovery;

public sealed class HealingStateTests
{
    private static readonly HostPort A = new("10.0.0.1", 8110);
    private static readonly HostPort B = new("10.0.0.2", 8110);
    private static readonly HostPort C = new("10.0.0.3", 8110);

    private static readonly Gen<ClusterView> GenView =
        Gen.Select(Gen.Int[0, 5], Gen.Long[0, 3]).Array[0, 4].Select(members => ClusterView.Of(
            members.DistinctBy(m => m.Item1).Select(m => new ClusterMember(Node(m.Item1), m.Item1, m.Item2))));

    [Fact]
    public void Any_two_clusters_are_in_an_order_that_both_agree_on() =>
        Gen.Select(GenView, GenView, GenView).Sample((a, b, c) =>
        {
            Assert.False(a.Beats(a));
            Assert.False(a.Beats(b) && b.Beats(a));
            Assert.True(a.Overlaps(b) || a.Members.IsEmpty || a.Beats(b) || b.Beats(a));
            Assert.True(!a.Beats(b) || !b.Beats(c) || a.Beats(c));
        });

    [Fact]
    public void A_node_moves_when_it_saw_the_same_better_cluster_twice()
    {
        ClusterView own = View((A, 1));
        ClusterReport other = FormationStateTests.Is(B, (B, 2), (C, 3));
        (HealingState once, bool moves) = HealingState.Nothing.Heard(own, atRest: true, other, _ => true);
        Assert.False(moves);
        Assert.True(once.Heard(own, atRest: true, other, _ => true).Moves);
        Assert.False(once.Heard(own, atRest: false, other, _ => true).Moves);
        Assert.False(once.Heard(own, atRest: true, FormationStateTests.Is(B, (B, 2), (new HostPort("d", 1), 3)), _ => true).Moves);
        Assert.False(once.Heard(View((A, 1), (new HostPort("d", 1), 9)), atRest: true, other, _ => true).Moves);
    }

    [Fact]
    public void A_node_does_not_move_to_a_cluster_of_which_a_member_does_not_answer_it()
    {
        ClusterView own = View((A, 1));
        ClusterReport other = FormationStateTests.Is(B, (B, 2), (C, 3));
        HealingState state = HealingState.Nothing;
        for (int i = 0; i < 3; i++)
        {
            (state, bool moves) = state.Heard(own, atRest: true, other, a => a != C);
            Assert.False(moves);
        }
    }

    [Fact]
    public void A_node_stays_in_the_better_cluster_and_in_its_own()
    {
        ClusterView own = View((A, 1), (B, 2));
        foreach (ClusterReport other in new[]
        {
            FormationStateTests.Is(C, (C, 0)),
            FormationStateTests.Is(C, (A, 1), (B, 2), (C, 3)),
            FormationStateTests.Looks(C),
            new ClusterReport(C, Standing.Joining, ClusterView.Of([])),
        })
        {
            HealingState state = HealingState.Nothing;
            for (int i = 0; i < 3; i++)
            {
                (state, bool moves) = state.Heard(own, atRest: true, other, _ => true);
                Assert.False(moves);
            }
        }
    }

    /// <summary>Nodes in random clusters ask each other in random order; some answers are lost. A node that moves joins what it finds.</summary>
    [Fact]
    public void Clusters_that_can_hear_each_other_become_one_and_no_node_moves_for_ever()
    {
        Gen.Select(Gen.Int[1, 4].Array[2, 6], Gen.Int[0, 1_000_000]).Sample((sides, seed) =>
        {
            var random = new Random(seed);
            var clusterOf = sides.Select((side, node) => (node, side)).ToDictionary(p => p.node, p => p.side);
            var healing = sides.Select((_, node) => node).ToDictionary(n => n, _ => HealingState.Nothing);
            int moved = 0;
            for (int step = 0; step < 5000 && clusterOf.Values.Distinct().Count() > 1; step++)
            {
                int asker = random.Next(sides.Length);
                int asked = random.Next(sides.Length);
                if (asker == asked || random.Next(3) == 0)
                {
                    continue;
                }

                ClusterView theirs = ViewOf(clusterOf, clusterOf[asked]);
                (healing[asker], bool moves) = healing[asker].Heard(
                    ViewOf(clusterOf, clusterOf[asker]), atRest: true, new ClusterReport(Node(asked), Standing.Member, theirs), _ => true);
                if (moves)
                {
                    moved++;
                    clusterOf[asker] = clusterOf[asked];
                    healing[asker] = HealingState.Nothing;
                }
            }

            Assert.Single(clusterOf.Values.Distinct());
            Assert.InRange(moved, 0, sides.Length * sides.Length);
        });
    }

    private static HostPort Node(int number) => new($"10.0.0.{number + 1}", 8110);

    private static ClusterView View(params (HostPort Address, long Since)[] members) =>
        ClusterView.Of(members.Select(m => new ClusterMember(m.Address, (int)m.Since, m.Since)));

    private static ClusterView ViewOf(IReadOnlyDictionary<int, int> clusterOf, int cluster) =>
        ClusterView.Of(clusterOf.Where(p => p.Value == cluster).Select(p => new ClusterMember(Node(p.Key), p.Key, p.Key)));
}

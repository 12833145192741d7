using System.Collections.Immutable;
using ActorLb.Node.Health;
using ActorLb.Shared.Backends;
using CsCheck;
using Xunit;

namespace ActorLb.Tests.Health;

public sealed class ObserverPolicyTests
{
    private static readonly Gen<BackendName> Backend = Gen.Int[1, 1000].Select(i => new BackendName("web", $"10.0.0.1:{i}"));

    [Fact]
    public void As_many_nodes_observe_as_asked_or_all() =>
        Backend.Select(Gen.Int[0, 9], Gen.Int[1, 5]).Sample((backend, nodes, observers) =>
        {
            ImmutableArray<string> chosen = ObserverPolicy.Observers(backend, Nodes(nodes), observers);
            Assert.Equal(Math.Min(nodes, observers), chosen.Length);
            Assert.Equal(chosen.Length, chosen.Distinct().Count());
        });

    [Fact]
    public void The_order_in_which_nodes_are_known_does_not_matter() =>
        Backend.Select(Gen.Int[1, 9]).Sample((backend, nodes) => Assert.Equal(
            ObserverPolicy.Observers(backend, Nodes(nodes), 3).ToArray(),
            ObserverPolicy.Observers(backend, [.. Nodes(nodes).Reverse()], 3).ToArray()));

    [Fact]
    public void A_node_that_leaves_is_replaced_by_one_and_the_others_stay() =>
        Backend.Select(Gen.Int[4, 9], Gen.Int[0, 3]).Sample((backend, nodes, leaver) =>
        {
            ImmutableArray<string> all = Nodes(nodes);
            ImmutableArray<string> before = ObserverPolicy.Observers(backend, all, 3);
            ImmutableArray<string> after = ObserverPolicy.Observers(backend, all.RemoveAt(leaver), 3);
            Assert.Equal(before.Contains(all[leaver]) ? 1 : 0, after.Except(before).Count());
        });

    [Fact]
    public void The_work_is_shared_by_all_nodes()
    {
        var load = Enumerable.Range(0, 1000)
            .SelectMany(i => ObserverPolicy.Observers(new BackendName("web", $"web-{i}"), Nodes(10), 3))
            .CountBy(n => n)
            .ToDictionary();
        Assert.Equal(10, load.Count);
        Assert.All(load.Values, n => Assert.InRange(n, 240, 360));
    }

    [Fact]
    public void A_node_that_is_not_among_the_active_ones_looks_for_itself()
    {
        var backend = new BackendName("web", "a");
        Assert.True(ObserverPolicy.Observes("me", backend, [], 3));
        Assert.True(ObserverPolicy.Observes("me", backend, Nodes(9), 1));
        Assert.Single(Nodes(9), node => ObserverPolicy.Observes(node, backend, Nodes(9), 1));
    }

    private static ImmutableArray<string> Nodes(int count) => [.. Enumerable.Range(1, count).Select(i => $"node-{i}")];
}

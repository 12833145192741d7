using System.Collections.Immutable;
using ActorLb.Shared.Settings;
using Xunit;

namespace ActorLb.Tests.Cluster.Discovery;

public sealed class DiscoveryTests : IAsyncLifetime
{
    /// <summary>On a machine that is busy, answers take longer than the default.</summary>
    private static readonly TimeSpan FormAfter = TimeSpan.FromSeconds(10);

    private readonly List<TestNode> _nodes = [];

    public Task InitializeAsync() => Task.CompletedTask;

    public Task DisposeAsync() => Task.WhenAll(_nodes.Select(n => n.DisposeAsync().AsTask()));

    [Fact]
    public async Task The_first_seed_may_be_dead_for_good()
    {
        int[] ports = LoopbackPorts.Free("127.0.0.1", 3);
        await StartAsync(ports, 1, 2);

        await BecomeOneAsync();
        Assert.Equal(1, _nodes.Sum(n => n.ControlPlane.Discovery.ClustersFormed));
    }

    [Fact]
    public async Task Nodes_of_clusters_of_different_names_stay_apart_and_both_say_so_once()
    {
        int[] ports = LoopbackPorts.Free("127.0.0.1", 3);
        ImmutableArray<HostPort> seeds = [.. ports.Select(p => new HostPort("127.0.0.1", p))];
        _nodes.AddRange(ports.Select((p, i) => new TestNode($"n{i}", p, seeds, formAfter: FormAfter, cluster: i == 0 ? "actorlb" : "shop")));
        await Task.WhenAll(_nodes.Select(n => n.StartAsync()));

        await Eventually.Holds(
            () => _nodes[0].Active.Length == 1 && _nodes[1].Active.Length == 2 && _nodes[2].Active.Length == 2,
            () => string.Join<TestNode>("\n", _nodes));
        string[] told = [$"{_nodes[1].Address} is of the cluster shop and this one of actorlb", $"{_nodes[0].Address} is of the cluster actorlb and this one of shop"];
        await Eventually.Holds(() => Said(0, told[0]) == 1 && Said(1, told[1]) == 1 && Said(2, told[1]) == 1, () => string.Join<TestNode>("\n", _nodes));
        Assert.Equal(0, _nodes.Sum(n => n.ControlPlane.Discovery.ClustersLeft));

        int Said(int node, string line) => _nodes[node].Log.Count(l => l.Contains(line, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Nodes_that_start_at_the_same_instant_form_one_cluster_in_any_order_of_seeds()
    {
        int[] ports = LoopbackPorts.Free("127.0.0.1", 4);
        await StartAsync(ports, 3, 0, 2, 1);

        await BecomeOneAsync();
        Assert.Equal(1, _nodes.Sum(n => n.ControlPlane.Discovery.ClustersFormed));
    }

    [Fact]
    public async Task Two_that_join_a_cluster_of_one_at_the_same_instant_are_both_taken_in()
    {
        int[] ports = LoopbackPorts.Free("127.0.0.1", 3);
        await StartAsync(ports, 2);
        await BecomeOneAsync();
        await StartAsync(ports, 0, 1);

        await BecomeOneAsync();
        Assert.Equal(1, _nodes.Sum(n => n.ControlPlane.Discovery.ClustersFormed));
    }

    [Fact]
    public async Task Two_clusters_that_meet_become_one_and_only_one_side_starts_anew()
    {
        TestNode[] pair = await TestNode.StartAllAsync(2);
        _nodes.AddRange(pair);
        TestNode alone = TestNode.Alone("alone");
        _nodes.Add(alone);
        await alone.StartAsync();
        await Eventually.Holds(() => alone.Active.Length == 1, "the lonely one is up");

        // One node knows of both, and whichever it joins, the older pair stays: a busy machine may answer the bridge too late.
        var bridge = new TestNode("bridge", TestNode.FreePort(), [alone.Address, pair[0].Address], formAfter: FormAfter);
        _nodes.Add(bridge);
        await bridge.StartAsync();

        await BecomeOneAsync();
        Assert.Equal(1, alone.ControlPlane.Discovery.ClustersLeft);
        Assert.Equal(0, pair.Sum(n => n.ControlPlane.Discovery.ClustersLeft + n.ControlPlane.Restarts));
        Assert.Single(alone.Log, l => l.Contains("Information Two clusters have met", StringComparison.Ordinal));
        Assert.DoesNotContain(alone.Log, l => l.Contains("The actor system ended", StringComparison.Ordinal));
    }

    private async Task StartAsync(int[] ports, params int[] which)
    {
        ImmutableArray<HostPort> seeds = [.. ports.Select(p => new HostPort("127.0.0.1", p))];
        TestNode[] nodes = [.. which.Select(i => new TestNode($"n{i}", ports[i], seeds, formAfter: FormAfter))];
        _nodes.AddRange(nodes);
        await Task.WhenAll(nodes.Select(n => n.StartAsync()));
    }

    private async Task BecomeOneAsync()
    {
        foreach (TestNode node in _nodes)
        {
            await Eventually.Holds(
                () => node.Active.Length == _nodes.Count, () => $"{node} is in a cluster of all:\n{string.Join("\n", _nodes)}");
        }
    }
}

using System.Collections.Immutable;
using System.Net;
using ActorLb.Node.Cluster.Discovery;
using ActorLb.Shared.Settings;
using Xunit;

namespace ActorLb.Tests.Cluster.Discovery;

/// <summary>Nodes at loopback addresses of their own that find each other by a name.</summary>
public sealed class NamedDiscoveryTests : IAsyncLifetime, INameResolver
{
    private static readonly DnsDiscoverySettings Dns = new("lb", 1);

    private readonly List<TestNode> _nodes = [];
    private readonly int _port = LoopbackPorts.Free("127.0.0.2", 1)[0];
    private volatile string[]? _answer;

    public Task InitializeAsync() => Task.CompletedTask;

    public Task DisposeAsync() => Task.WhenAll(_nodes.Select(n => n.DisposeAsync().AsTask()));

    public Task<ImmutableArray<IPAddress>?> ResolveAsync(string name, CancellationToken cancellation)
    {
        Assert.Equal(Dns.Name, name);
        return Task.FromResult<ImmutableArray<IPAddress>?>(_answer is { } answer ? [.. answer.Select(IPAddress.Parse)] : null);
    }

    [Fact]
    public async Task Nodes_of_one_name_that_start_at_the_same_instant_form_one_cluster()
    {
        _answer = ["127.0.0.4", "127.0.0.2", "127.0.0.3"];
        await StartAsync(TimeSpan.FromSeconds(10), 2, 3, 4);
        await BecomeOneAsync();
        Assert.Equal(1, _nodes.Sum(n => n.ControlPlane.Discovery.ClustersFormed));
    }

    [Fact]
    public async Task A_name_that_does_not_resolve_delays_a_start_by_form_after_and_brings_the_nodes_together_once_it_does()
    {
        await StartAsync(TimeSpan.FromSeconds(1), 2, 3);
        await Eventually.Holds(() => _nodes.All(n => n.Active.Length == 1), "each is up alone");
        Assert.All(_nodes, n => Assert.Contains(n.Log, l => l.Contains("does not resolve", StringComparison.Ordinal)));

        _answer = ["127.0.0.2", "127.0.0.3"];
        await BecomeOneAsync();
    }

    [Fact]
    public async Task A_node_at_a_new_address_is_found_although_the_one_that_all_knew_is_dead()
    {
        _answer = ["127.0.0.2", "127.0.0.3"];
        await StartAsync(TimeSpan.FromSeconds(2), 2, 3);
        await BecomeOneAsync();

        TestNode gone = _nodes[0];
        _nodes.RemoveAt(0);
        await gone.KillAsync();
        await gone.DisposeAsync();
        _answer = ["127.0.0.3", "127.0.0.5"];
        await StartAsync(TimeSpan.FromSeconds(2), 5);
        await BecomeOneAsync();
    }

    private async Task StartAsync(TimeSpan formAfter, params int[] hosts)
    {
        TestNode[] nodes = [.. hosts.Select(h => new TestNode($"n{h}", _port, [], formAfter: formAfter, host: $"127.0.0.{h}", named: (Dns, this)))];
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

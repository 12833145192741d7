using System.Collections.Immutable;
using ActorLb.Engine.Rates;
using ActorLb.Node.RateLimits;
using ActorLb.Shared.Settings;
using ActorLb.Tests.Cluster;
using Xunit;

namespace ActorLb.Tests.RateLimits;

/// <summary>Three real nodes in this process, over loopback, that share a limit.</summary>
public sealed class RateSharesClusterTests
{
    private const ulong Key = 5;

    [Fact]
    public async Task The_limit_follows_what_is_asked_for_and_the_nodes_that_there_are()
    {
        TestNode[] nodes = await StartAsync(3);
        var asked = new HashSet<int>();
        using var stop = new CancellationTokenSource();
        Task flood = FloodAsync(nodes, asked, stop.Token);
        try
        {
            Ask(asked, 0, 1, 2);
            await Eventually.Holds(() => nodes.All(n => n.Plane.Rates.Hot(1).Length == 1), "all are asked");
            Ask(asked, 1);
            await HoldsAsync(nodes, "n2 has all of it", 0, 1, 0);

            Ask(asked, 0, 1, 2);
            await HoldsAsync(nodes, "each has a third", 1 / 3.0, 1 / 3.0, 1 / 3.0);

            Ask(asked, 0, 2);
            await HoldsAsync(nodes, "the two that are asked have a half", 0.5, 0, 0.5);

            // A node dies as a killed process does. Until it is out it has its part: it may live behind a wall.
            Ask(asked, 0, 1);
            await nodes[2].KillAsync();
            await Eventually.Holds(() => nodes[..2].All(n => n.ControlPlane.Membership.Members.Length == 2), "n3 is out");
            await HoldsAsync(nodes[..2], "the two that are left have a half", 0.5, 0.5);
        }
        finally
        {
            await stop.CancelAsync();
            await flood;
            foreach (TestNode node in nodes)
            {
                await node.DisposeAsync();
            }
        }
    }

    [Fact]
    public async Task Nothing_is_refused_on_the_wire_and_nobody_reports_where_no_route_has_such_a_limit()
    {
        TestNode[] nodes = await StartAsync(2);
        using var stop = new CancellationTokenSource();
        var asked = new HashSet<int> { 0, 1 };
        Task flood = FloodAsync(nodes, asked, stop.Token);
        await Eventually.Holds(() => nodes.All(n => n.Plane.Rates.Hot(1).Length == 1), "both are asked");
        Ask(asked, 0);
        await HoldsAsync(nodes, "n1 has all of it", 1, 0);
        foreach (TestNode node in nodes)
        {
            node.Plane.Apply(node.Plane.Topology with { Routes = [] });
        }

        Assert.All(nodes, n => Assert.False(n.Plane.Rates.AreUsed));
        await stop.CancelAsync();
        await flood;
        Assert.All(nodes, n => Assert.Equal(0, n.ControlPlane.Refusals.Count));
        foreach (TestNode node in nodes)
        {
            await node.DisposeAsync();
        }
    }

    private static void Ask(HashSet<int> asked, params int[] whom)
    {
        lock (asked)
        {
            asked.Clear();
            asked.UnionWith(whom);
        }
    }

    private static async Task<TestNode[]> StartAsync(int count)
    {
        int[] ports = LoopbackPorts.Free("127.0.0.1", count);
        ImmutableArray<HostPort> seeds = [.. ports.Select(p => new HostPort("127.0.0.1", p))];
        TestNode[] nodes = [.. ports.Select((port, i) => Make($"n{i + 1}", port, seeds))];
        foreach (TestNode node in nodes)
        {
            await node.StartAsync();
        }

        foreach (TestNode node in nodes)
        {
            await Eventually.Holds(() => node.Active.Length == count, () => $"{node} sees {count} active nodes");
        }

        return nodes;
    }

    private static TestNode Make(string name, int port, ImmutableArray<HostPort> seeds)
    {
        TestNode node = null!;
        node = new TestNode(name, port, seeds, also: akka => akka.WithRateLimits(node.Plane));
        node.Plane.Apply(node.Plane.Topology with
        {
            Routes =
            [
                new RouteSettings("*", "/", "")
                {
                    Filters = RouteFilterSettings.None with
                    {
                        Respond = new RespondSettings(200, "ok", "text/plain"),
                        RateLimit = new RateLimitSettings(1000, TimeSpan.FromSeconds(1), 1000, RateLimitKey.Header, "X-Key") { IsOfCluster = true },
                    },
                },
            ],
        });
        return node;
    }

    // Ten times the limit, or what the machine gives.
    private static async Task FloodAsync(TestNode[] nodes, HashSet<int> asked, CancellationToken stop)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(10));
        while (!stop.IsCancellationRequested)
        {
            int[] now;
            lock (asked)
            {
                now = [.. asked];
            }

            foreach (int i in now)
            {
                for (int request = 0; request < 100; request++)
                {
                    Table(nodes[i])?.Take(Key, nodes[i].Plane.Time.GetElapsedTime(0));
                }
            }

            try
            {
                await timer.WaitForNextTickAsync(stop);
            }
            catch (OperationCanceledException)
            {
                return;
            }
        }
    }

    private static ShareTable? Table(TestNode node) => node.Plane.Routing.ClusterLimits is [{ } table] ? table : null;

    private static Task HoldsAsync(TestNode[] nodes, string what, params double[] shares) => Eventually.Holds(
        () => nodes.Zip(shares).All(n => Math.Abs(ShareOf(n.First) - n.Second) < 0.01),
        () => $"{what}: {string.Join(", ", nodes.Select(ShareOf))}\n{string.Join<TestNode>("\n", nodes)}");

    private static double ShareOf(TestNode node) => Table(node)!.ShareOf(Key, node.Plane.Time.GetElapsedTime(0));
}

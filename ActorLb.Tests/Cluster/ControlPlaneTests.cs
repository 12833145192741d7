using System.Net;
using System.Net.Sockets;
using ActorLb.Engine.Sessions;
using ActorLb.Node.Cluster;
using ActorLb.Shared.Backends;
using ActorLb.Shared.Messages;
using ActorLb.Shared.Sessions;
using ActorLb.Shared.Settings;
using Akka.Actor;
using Akka.Hosting;
using Xunit;

namespace ActorLb.Tests.Cluster;

public sealed class ControlPlaneTests
{
    [Fact]
    public async Task Three_nodes_form_one_cluster_and_tell_it_oldest_first()
    {
        TestNode[] nodes = await TestNode.StartAllAsync(3);
        try
        {
            Assert.All(nodes, n => Assert.Equal(["n1", "n2", "n3"], n.Active.Order()));
            Assert.All(nodes, n => Assert.Equal(
                nodes[0].ControlPlane.Membership.Members.ToArray(), n.ControlPlane.Membership.Members.ToArray()));
            int oldest = Array.FindIndex(nodes, n => n.ControlPlane.Discovery.ClustersFormed == 1);
            Assert.Equal($"n{oldest + 1}", nodes[0].Active[0]);
            Assert.All(nodes, n => Assert.True(n.ControlPlane.WhenUpAsync(TimeSpan.FromSeconds(1)).IsCompletedSuccessfully));

            IActorRef membership = nodes[1].ControlPlane.System!.GetExtension<ActorRegistry>().Get<MembershipActor>();
            var answer = await membership.Ask<MembershipChanged>(GetMembership.Instance, TimeSpan.FromSeconds(30));
            Assert.Equal("n2", answer.Self);
            Assert.Equal(nodes[1].ControlPlane.Membership.Members.ToArray(), answer.Members.ToArray());
        }
        finally
        {
            await EndAsync(nodes);
        }
    }

    [Theory]
    [InlineData(0)]
    [InlineData(2)]
    public async Task A_killed_node_is_removed_by_all_survivors_be_it_the_oldest_or_the_youngest(int victim)
    {
        TestNode[] nodes = await TestNode.StartAllAsync(3);
        try
        {
            string name = $"n{victim + 1}";
            TestNode[] survivors = [.. nodes.Where((_, i) => i != victim)];
            int[] before = [.. survivors.Select(s => s.Log.Count)];
            await nodes[victim].KillAsync();
            foreach ((TestNode survivor, int lines) in survivors.Zip(before))
            {
                // By the log: its control plane notices that it is dead, starts anew, and is back within milliseconds.
                await Eventually.Holds(
                    () => survivor.Log.Skip(lines).Any(l => l.Contains("Members:", StringComparison.Ordinal) && !l.Contains(name, StringComparison.Ordinal)),
                    () => $"{survivor} sees members without {name}");
                Assert.Equal(0, survivor.ControlPlane.Restarts);
            }
        }
        finally
        {
            await EndAsync(nodes);
        }
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public async Task Of_two_nodes_the_survivor_goes_on_alone_whichever_it_is(int victim)
    {
        TestNode[] nodes = await TestNode.StartAllAsync(2);
        try
        {
            TestNode survivor = nodes[1 - victim];
            int before = survivor.Memberships.Count;
            await nodes[victim].KillAsync();

            // By what it told: the other one starts anew, and may be back at once.
            await Eventually.Holds(() => Alone() is not null, () => $"{survivor} is alone");
            Assert.Equal([survivor.ControlPlane.Membership.Self], Alone()!.Active.ToArray());
            Assert.Equal(0, survivor.ControlPlane.Restarts);
            Assert.False(survivor.ControlPlane.System!.WhenTerminated.IsCompleted);

            MembershipChanged? Alone() => survivor.Memberships.Skip(before).FirstOrDefault(m => m.Members.Length == 1);
        }
        finally
        {
            await EndAsync(nodes);
        }
    }

    [Fact]
    public async Task A_node_that_stops_leaves_without_ever_being_missed()
    {
        TestNode[] nodes = await TestNode.StartAllAsync(3);
        try
        {
            await nodes[0].ControlPlane.StopAsync(CancellationToken.None);
            Assert.Null(nodes[0].ControlPlane.System);
            foreach (TestNode other in nodes[1..])
            {
                await Eventually.Holds(() => other.ControlPlane.Membership.Members.Length == 2 && other.HasRecorded, () => $"{other} sees two members");
                Assert.All(other.Memberships, m => Assert.All(m.Members, x => Assert.True(x.Reachable)));
                Assert.Contains(other.Memberships, m => m.Members.Any(x => x is { Name: "n1", Status: "leaving" or "exiting" }));
            }
        }
        finally
        {
            await EndAsync(nodes);
        }
    }

    [Fact]
    public async Task A_node_that_the_others_downed_starts_anew_in_place_and_joins_them()
    {
        TestNode[] nodes = await TestNode.StartAllAsync(3);
        try
        {
            TestNode downed = nodes[0];
            var rebinder = new SomeRebinder();
            downed.Plane.Rebinder = rebinder;
            ActorSystem before = downed.ControlPlane.System!;

            var cluster = Akka.Cluster.Cluster.Get(nodes[1].ControlPlane.System!);
            cluster.Down(Akka.Cluster.Cluster.Get(before).SelfAddress);
            await before.WhenTerminated;
            await Eventually.Holds(() => ReferenceEquals(downed.Plane.Rebinder, IRebinder.Unavailable), "nobody is there to be asked");
            await Eventually.Holds(() => downed.ControlPlane.System is { } now && now != before, () => $"{downed} has started anew");

            foreach (TestNode node in nodes)
            {
                await Eventually.Holds(() => node.Active.Length == 3, () => $"{node} sees three active nodes again");
            }

            Assert.NotSame(before, downed.ControlPlane.System);
            Assert.Equal(1, downed.ControlPlane.Restarts);
            Assert.Equal("n1", nodes[1].Active[^1]);
        }
        finally
        {
            await EndAsync(nodes);
        }
    }

    [Fact]
    public async Task A_node_that_the_others_quarantined_notices_and_starts_anew()
    {
        TestNode[] nodes = await TestNode.StartAllAsync(2);
        try
        {
            var self = Akka.Cluster.Cluster.Get(nodes[1].ControlPlane.System!).SelfUniqueAddress;
            var provider = (Akka.Remote.IRemoteActorRefProvider)((ExtendedActorSystem)nodes[0].ControlPlane.System!).Provider;
            provider.Quarantine(self.Address, self.Uid);

            await Eventually.Holds(() => nodes[1].ControlPlane.Restarts >= 1, () => $"{nodes[1]} starts anew");
            foreach (TestNode node in nodes)
            {
                await Eventually.Holds(() => node.Active.Length == 2, () => $"{node} sees two active nodes again");
            }
        }
        finally
        {
            await EndAsync(nodes);
        }
    }

    [Fact]
    public async Task A_system_that_ends_for_whatever_reason_is_followed_by_another_on_the_same_port()
    {
        await using var node = new TestNode("n1", 0, []);
        await node.StartAsync();
        Assert.True(await node.ControlPlane.WhenUpAsync(TimeSpan.FromSeconds(60)));
        int port = node.Address.Port;
        ActorSystem before = node.ControlPlane.System!;
        Assert.NotEqual(0, port);

        await before.Terminate();
        await Eventually.Holds(() => node.Active is ["n1"] && node.ControlPlane.System is { } now && now != before, () => $"{node} is up again");

        Assert.Equal(port, node.Address.Port);
        Assert.Contains(node.Log, l => l.Contains("The actor system ended", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_system_whose_end_fails_is_followed_by_another_and_keeps_nobody_from_stopping(bool asked)
    {
        await using var node = new TestNode(
            "n1", 0, [], also: akka => akka.AddHocon("akka.coordinated-shutdown.phases.service-unbind.recover = off", HoconAddMode.Prepend));
        await node.StartAsync();
        Assert.True(await node.ControlPlane.WhenUpAsync(TimeSpan.FromSeconds(60)));
        ActorSystem before = node.ControlPlane.System!;
        CoordinatedShutdown.Get(before).AddTask(
            CoordinatedShutdown.PhaseServiceUnbind, "fails", () => Task.FromException<Akka.Done>(new InvalidOperationException("this phase fails")));
        if (!asked)
        {
            ((ExtendedActorSystem)before).Abort();
            await Eventually.Holds(() => node.Active is ["n1"] && node.ControlPlane.System is { } now && now != before, () => $"{node} is up again");
            return;
        }

        await node.ControlPlane.StopAsync(CancellationToken.None);

        Assert.Null(node.ControlPlane.System);
        Assert.True(before.WhenTerminated.IsCompleted);
        Assert.Contains(node.Log, l => l.Contains("The actor system was aborted: ", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_taken_port_is_named_and_nothing_is_left_running()
    {
        using var taken = new TcpListener(IPAddress.Loopback, 0);
        taken.Start();
        int port = ((IPEndPoint)taken.LocalEndpoint).Port;
        await using var node = new TestNode("n1", port, []);

        var e = await Assert.ThrowsAsync<ControlPlaneException>(node.StartAsync);

        Assert.Contains($"127.0.0.1:{port}", e.Message, StringComparison.Ordinal);
        Assert.Contains("(cluster.host, cluster.port): another process listens there", e.Message, StringComparison.Ordinal);
        Assert.Null(node.ControlPlane.System);
        Assert.DoesNotContain(node.Log, l => l.Contains("   at ", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Two_nodes_cannot_share_a_port()
    {
        await using var first = new TestNode("n1", 0, []);
        await first.StartAsync();
        await using var second = new TestNode("n2", first.Address.Port, []);

        var e = await Assert.ThrowsAsync<ControlPlaneException>(second.StartAsync);

        Assert.Contains("another process listens there", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_node_whose_seed_is_not_there_serves_alone_and_joins_when_it_comes()
    {
        var seed = new HostPort("127.0.0.1", TestNode.FreePort());
        await using var early = new TestNode("early", 0, [seed], formAfter: TimeSpan.FromSeconds(10));
        await early.StartAsync();
        Assert.False(await early.ControlPlane.WhenUpAsync(TimeSpan.FromMilliseconds(200)));
        Assert.Empty(early.Active);

        await using var late = new TestNode("late", seed.Port, [seed]);
        await late.StartAsync();

        Assert.True(await early.ControlPlane.WhenUpAsync(TimeSpan.FromSeconds(60)));
        await Eventually.Holds(() => early.Active.Length == 2 && late.Active.Length == 2, () => $"{early} and {late} are one cluster");
    }

    [Theory]
    [InlineData("127.0.0.1", "localhost", "127.0.0.1")]
    [InlineData("localhost", "127.0.0.1", "localhost")]
    public async Task A_node_that_is_called_by_another_name_than_its_own_says_so_once(string host, string called, string own)
    {
        int[] ports = LoopbackPorts.Free("127.0.0.1", 2);
        HostPort[] seeds = [.. ports.Select(p => new HostPort(called, p))];
        await using var first = new TestNode("n1", ports[0], [.. seeds], host: host);
        await using var second = new TestNode("n2", ports[1], [.. seeds], host: host);
        await first.StartAsync();
        await second.StartAsync();
        string word = $"Somebody calls this node {called}:{ports[0]}, and it answers to {own}:{ports[0]} alone";

        await Eventually.Holds(() => first.Log.Any(l => l.Contains(word, StringComparison.Ordinal)), () => $"a word about the name at {first}");
        await Eventually.Holds(() => first.ControlPlane.Discovery.ClustersFormed == 1, () => $"{first} asked for long enough and formed a cluster");

        Assert.Single(first.Log, l => l.Contains("Somebody calls this node", StringComparison.Ordinal));
        Assert.DoesNotContain(first.Log, l => l.Contains("non-local recipient", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Stopping_while_the_next_system_is_awaited_ends_at_once()
    {
        await using var node = new TestNode("n1", 0, []);
        await node.StartAsync();
        await node.ControlPlane.System!.Terminate();

        // The pause lasts for a second, and for longer after each system that ends: where one was missed, the next is not.
        await Eventually.Holds(() => node.ControlPlane.System?.Terminate() is null, "between two systems");

        await node.ControlPlane.StopAsync(CancellationToken.None);

        Assert.Null(node.ControlPlane.System);
    }

    private static async Task EndAsync(TestNode[] nodes) => await Task.WhenAll(nodes.Select(n => n.DisposeAsync().AsTask()));

    private sealed class SomeRebinder : IRebinder
    {
        public ValueTask<Rebound?> RebindAsync(
            string pool, Binding known, BackendKey failed, TimeSpan timeout, CancellationToken cancellation) => new(new Rebound(known, IsNew: true));
    }
}

using Akka.Actor;
using Akka.Cluster.Hosting;
using Akka.Cluster.Sharding;
using Akka.Hosting;
using Xunit;

namespace ActorLb.Tests.Cluster;

/// <summary>Sharding over distributed data works behind the gates, and survives its coordinator.</summary>
public sealed class ShardingTests
{
    private const int Entities = 30;

    [Fact]
    public async Task Shards_answer_again_after_the_node_with_their_coordinator_is_killed()
    {
        TestNode[] nodes = await TestNode.StartAllAsync(3, WithEntities);
        try
        {
            foreach (TestNode node in nodes)
            {
                await AllAnswerAsync(node);
            }

            Assert.All(nodes, n => Assert.Equal(0, n.ControlPlane.Refusals.Count));

            // The coordinator lives with the oldest.
            await nodes[0].KillAsync();
            await AllAnswerAsync(nodes[1]);
            await AllAnswerAsync(nodes[2]);
            Assert.All(nodes, n => Assert.Equal(0, n.ControlPlane.Refusals.Count));
            foreach (TestNode survivor in nodes[1..])
            {
                // Akka's own lines have their level in brackets.
                Assert.Contains(survivor.Log, l => l.Contains($"n1 ({nodes[0].Address}) does not answer", StringComparison.Ordinal));
                Assert.DoesNotContain(survivor.Log, l => l.Contains("[WARNING]", StringComparison.Ordinal) || l.Contains("[ERROR]", StringComparison.Ordinal));
            }
        }
        finally
        {
            await Task.WhenAll(nodes.Select(n => n.DisposeAsync().AsTask()));
        }
    }

    [Fact]
    public async Task A_shard_gets_an_owner_while_a_killed_node_is_still_a_member()
    {
        TestNode[] nodes = await TestNode.StartAllAsync(3, WithEntities);
        try
        {
            // The oldest has the coordinator.
            string youngest = nodes[0].Active[^1];
            TestNode oldest = nodes.Single(n => n.ControlPlane.Membership.Self == nodes[0].Active[0]);
            TestNode victim = nodes.Single(n => n.ControlPlane.Membership.Self == youngest);
            IActorRef region = oldest.ControlPlane.System!.GetExtension<ActorRegistry>().Get<Echo>();
            await AnswersAsync(oldest, region, "entity-0");

            // A shard that goes to the killed node has to wait; two of three do not.
            int before = oldest.Memberships.Count;
            await victim.KillAsync();
            var shards = new Extractor();
            await Task.WhenAny(Enumerable.Range(1, Entities)
                .Select(i => $"entity-{i}")
                .Where(name => shards.ShardId(name) != shards.ShardId("entity-0"))
                .Select(name => AnswersAsync(oldest, region, name)));
            Assert.All(oldest.Memberships.Skip(before), told => Assert.Contains(told.Members, m => m.Name == youngest && m.Status == "up"));
        }
        finally
        {
            await Task.WhenAll(nodes.Select(n => n.DisposeAsync().AsTask()));
        }
    }

    [Fact]
    public async Task Shards_are_handed_over_by_a_node_that_leaves()
    {
        TestNode[] nodes = await TestNode.StartAllAsync(3, WithEntities);
        try
        {
            await AllAnswerAsync(nodes[2]);
            await nodes[0].ControlPlane.StopAsync(CancellationToken.None);
            await AllAnswerAsync(nodes[1]);
            await AllAnswerAsync(nodes[2]);
            Assert.All(nodes, n => Assert.Equal(0, n.ControlPlane.Refusals.Count));
            Assert.DoesNotContain(nodes[0].Log, l => l.Contains("aborted", StringComparison.Ordinal));
        }
        finally
        {
            await Task.WhenAll(nodes.Select(n => n.DisposeAsync().AsTask()));
        }
    }

    private static async Task AllAnswerAsync(TestNode node)
    {
        IActorRef region = node.ControlPlane.System!.GetExtension<ActorRegistry>().Get<Echo>();
        for (int i = 0; i < Entities; i++)
        {
            await AnswersAsync(node, region, $"entity-{i}");
        }
    }

    private static async Task AnswersAsync(TestNode node, IActorRef region, string name)
    {
        using var bound = new CancellationTokenSource(TimeSpan.FromSeconds(120));
        Greeting? answer = null;
        while (answer is null)
        {
            try
            {
                answer = await region.Ask<Greeting>(new Greeting(name), TimeSpan.FromSeconds(2), bound.Token);
            }
            catch (AskTimeoutException)
            {
                // The shard has no home at the moment; the region did not keep this one.
            }
            catch (OperationCanceledException)
            {
                Assert.Fail($"{name} does not answer at {node}");
            }
        }

        Assert.Equal($"re: {name}", answer.Text);
    }

    private static void WithEntities(AkkaConfigurationBuilder akka) => akka.WithShardRegion<Echo>(
        "echo",
        _ => Props.Create<Echo>(),
        new Extractor(),
        new ShardOptions { StateStoreMode = StateStoreMode.DData, RememberEntities = false });

    private sealed class Extractor() : HashCodeMessageExtractor(16)
    {
        public override string EntityId(object message) => ((Greeting)message).Text;
    }

    private sealed class Echo : ReceiveActor
    {
        public Echo() => Receive<Greeting>(g => Sender.Tell(new Greeting($"re: {g.Text}")));
    }
}

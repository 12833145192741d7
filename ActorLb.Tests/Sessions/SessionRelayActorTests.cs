using ActorLb.Tests.Cluster;
using ActorLb.Node.Sessions.Feed;
using ActorLb.Node.Sessions.Ownership;
using ActorLb.Shared.Messages;
using ActorLb.Shared.Sessions;
using ActorLb.Tests.Supervision;
using Akka.Actor;
using Akka.TestKit;
using Xunit;
using static ActorLb.Tests.Sessions.SessionWorld;

namespace ActorLb.Tests.Sessions;

public sealed class SessionRelayActorTests : ActorTest
{
    private const string Config = """
        akka.loglevel = WARNING
        akka.actor.provider = cluster
        akka.remote.dot-netty.tcp { hostname = "127.0.0.1", port = 0 }
        akka.coordinated-shutdown { exit-clr = off, run-by-clr-shutdown-hook = off }
        """;

    private readonly TestProbe _owners;
    private readonly IActorRef _relay;

    public SessionRelayActorTests()
        : base(Config)
    {
        Akka.Cluster.Cluster cluster = Akka.Cluster.Cluster.Get(Sys);
        cluster.Join(cluster.SelfAddress);
        _owners = CreateTestProbe();
        _relay = this.StartNodeActor<SessionRelayActor>(Props.Create(() => new SessionRelayActor(_owners.Ref, new OwnersHere())));
    }

    [Fact]
    public async Task What_nobody_has_claimed_goes_to_sharding_and_owners_answer_the_sender()
    {
        IBucketMessage adopt = Adopt(3);
        _relay.Tell(new SessionsNoticed([adopt]), TestActor);
        Assert.Same(adopt, await _owners.ExpectMsgAsync<IBucketMessage>());
        Assert.Equal(TestActor, _owners.LastSender);
    }

    [Fact]
    public async Task What_came_from_another_node_is_passed_on_to_the_owners_here()
    {
        IBucketMessage[] messages = [Adopt(3), Adopt(700), new TouchSessions(new BucketId(Pool, 5), [])];
        _relay.Tell(new SessionsRelayed([.. messages]), TestActor);
        foreach (IBucketMessage message in messages)
        {
            Assert.Same(message, await _owners.ExpectMsgAsync<IBucketMessage>());
            Assert.Equal(TestActor, _owners.LastSender);
        }
    }

    [Fact]
    public async Task What_a_node_claims_goes_there_in_one_message_unless_its_owner_lives_here()
    {
        // This system stands for the other node, too: what is relayed comes back to the same actor and goes to the owners.
        _relay.Tell(new OwnersAnnounced(1UL << 3), TestActor);
        Sys.EventStream.Publish(new OwnerLives(5, Begins: true));
        _relay.Tell(new SessionsNoticed([Adopt(3), Adopt(3 + 64), Adopt(5)]), TestActor);

        var arrived = new List<int>();
        for (int i = 0; i < 3; i++)
        {
            arrived.Add((await _owners.ExpectMsgAsync<IBucketMessage>()).Bucket.Index);
        }

        // Its own at once, the others by way of the node that claims them.
        Assert.Equal([5, 3, 3 + 64], arrived);
    }

    private static AdoptSessions Adopt(int bucket) =>
        new(new BucketId(Pool, bucket), [new Binding(new SessionId((ulong)bucket << 54, 1), X, 1, 5)]);
}

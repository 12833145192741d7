using ActorLb.Tests.Cluster;
using System.Collections.Immutable;
using ActorLb.Engine;
using ActorLb.Node.Health;
using ActorLb.Node.Operator;
using ActorLb.Shared.Backends;
using ActorLb.Shared.Messages;
using ActorLb.Tests.Sessions;
using Akka.Actor;
using Akka.TestKit;
using Microsoft.Extensions.Logging.Abstractions;
using Xunit;

namespace ActorLb.Tests.Operator;

public sealed class ConfirmationActorTests : ActorTest
{
    private const string Config = """
        akka.loglevel = WARNING
        akka.actor.provider = cluster
        akka.cluster.roles = ["name=lb1"]
        akka.remote.dot-netty.tcp { hostname = "127.0.0.1", port = 0 }
        akka.coordinated-shutdown { exit-clr = off, run-by-clr-shutdown-hook = off }
        """;

    private static readonly OperatorDecision Drain = new(
        new BackendName(SessionWorld.Pool, "web-that-is-not-here"), OperatorState.Draining, null, 7, "lb2");

    public ConfirmationActorTests()
        : base(Config) => Akka.Cluster.Cluster.Get(Sys).Join(Akka.Cluster.Cluster.Get(Sys).SelfAddress);

    [Fact]
    public void Who_does_not_know_the_decision_is_told_it_once()
    {
        TestProbe node = CreateTestProbe();
        Ask(node, OperatorDecisions.Of([Drain]));

        node.ExpectMsg<AskKept>();
        node.Reply(new DecisionKept("lb1", IsKnown: false, IsOnDisk: false, IsInForce: false));
        node.FishForMessage(m => m is OperatorDecisions told && told.Equals(OperatorDecisions.Of([Drain])));

        node.ExpectMsg<AskKept>();
        node.Reply(new DecisionKept("lb1", IsKnown: false, IsOnDisk: false, IsInForce: false));
        node.ExpectMsg<AskKept>();
        node.ExpectMsg<AskKept>();
        node.Reply(new DecisionKept("lb1", IsKnown: true, IsOnDisk: true, IsInForce: true));
        Assert.Empty(ExpectMsg<Confirmation>().NotInForce);
    }

    [Fact]
    public void A_node_that_distributed_data_does_not_reach_yet_goes_by_a_decision_all_the_same()
    {
        var plane = new DataPlane(SessionWorld.Settings("lb1"), TimeProvider.System);
        var disk = new MemoryStateStore();
        IActorRef replicator = CreateTestProbe();
        IActorRef node = Sys.ActorOf(Props.Create(() => new OperatorActor(
            plane, new HealthCapability(plane.Topology.Pools.Keys), NullLogger<OperatorActor>.Instance, replicator, disk)));
        node.Tell(new AskKept(Drain.Backend, Drain.Version));
        Assert.False(ExpectMsg<DecisionKept>().IsKnown);

        Ask(node, OperatorDecisions.Of([Drain]));

        FishForMessage<Confirmation>(c => c.NotInForce.IsEmpty);
        node.Tell(new AskKept(Drain.Backend, Drain.Version));
        Assert.True(ExpectMsg<DecisionKept>() is { IsKnown: true, IsOnDisk: true, IsInForce: true });
    }

    private void Ask(IActorRef node, OperatorDecisions unknown)
    {
        IActorRef asker = TestActor;
        Func<Address, ActorSelection> at = _ => Sys.ActorSelection(node.Path);
        Func<Confirmation, object> answer = c => c;
        ImmutableArray<LostNode> lost = [];
        Sys.ActorOf(Props.Create(() => new ConfirmationActor(
            new Confirmed(at, node, new AskKept(Drain.Backend, Drain.Version), unknown, lost, "a drain"),
            "lb1",
            asker,
            answer,
            TimeSpan.FromSeconds(20),
            NullLogger.Instance)));
    }
}

using ActorLb.Tests.Cluster;
using ActorLb.Engine;
using ActorLb.Engine.Sessions;
using ActorLb.Node.Sessions;
using ActorLb.Node.Sessions.Ownership;
using ActorLb.Node.Sessions.Replication;
using ActorLb.Shared.Backends;
using ActorLb.Shared.Messages;
using ActorLb.Shared.Sessions;
using Akka.Actor;
using Akka.DistributedData;
using Xunit;
using static ActorLb.Tests.Sessions.SessionWorld;

namespace ActorLb.Tests.Sessions;

public sealed class SessionAffinityActorTests : ActorTest
{
    private const string Config = """
        akka.loglevel = WARNING
        akka.actor.provider = cluster
        akka.remote.dot-netty.tcp { hostname = "127.0.0.1", port = 0 }
        akka.coordinated-shutdown { exit-clr = off, run-by-clr-shutdown-hook = off }
        """;

    private static readonly TimeSpan Long = TimeSpan.FromSeconds(30);

    private readonly DataPlane _plane = new(Settings(maxSessions: 1024), TimeProvider.System);
    private readonly SessionCapability _capability = new();
    private readonly Binding _onX = new(new SessionId(1, 1), X, 1, (uint)DateTimeOffset.UtcNow.ToUnixTimeSeconds());

    public SessionAffinityActorTests()
        : base(Config)
    {
        Publish(_plane);
        Akka.Cluster.Cluster.Get(Sys).Join(Akka.Cluster.Cluster.Get(Sys).SelfAddress);
    }

    private BucketId Bucket => BucketId.Of(Pool, _onX.Id);

    [Fact]
    public async Task What_it_decided_is_answered_at_once_and_replicated_soon()
    {
        IActorRef owner = Owner(Bucket);
        owner.Tell(new RebindSession(Bucket, _onX, X), TestActor);
        SessionRebound answer = await ExpectMsgAsync<SessionRebound>(Long);
        Assert.True(answer.IsNew);
        Assert.Equal(_plane.Routing.Pools[Pool].NewHome(_onX.Id, X)!.Key, answer.Binding.Backend);
        await Eventually.Holds(
            async () => (await Replicated(Bucket)).TryGet(_onX.Id, out Binding found) && found == answer.Binding, "it is replicated");
    }

    [Fact]
    public async Task A_late_question_does_not_move_a_session_that_a_node_moved_alone_meanwhile()
    {
        Binding alone = _onX with { Backend = W, Version = 2 };
        OwnerWith(new RebindSession(Bucket, _onX, Y), new AdoptSessions(Bucket, [alone]));

        SessionRebound answer = await ExpectMsgAsync<SessionRebound>(Long);
        Assert.Equal((W, 2u), (answer.Binding.Backend, answer.Binding.Version));
    }

    [Fact]
    public async Task A_node_that_adopts_what_has_moved_is_told_where_to()
    {
        IActorRef owner = Owner(Bucket);
        Binding moved = _onX with { Backend = W, Version = 2 };
        owner.Tell(new AdoptSessions(Bucket, [moved]), TestActor);
        owner.Tell(new TouchSessions(Bucket, [_onX]), TestActor);
        SessionsKnown known = await ExpectMsgAsync<SessionsKnown>(Long);
        Assert.Equal(moved, Assert.Single(known.Bindings));
    }

    [Fact]
    public async Task The_next_owner_begins_with_what_the_last_one_wrote_while_stopping()
    {
        IActorRef owner = Owner(Bucket);
        owner.Tell(new RebindSession(Bucket, _onX, X), TestActor);
        Binding decided = (await ExpectMsgAsync<SessionRebound>(Long)).Binding;
        await owner.GracefulStop(Long);

        Owner(Bucket).Tell(new RebindSession(Bucket, _onX, X), TestActor);
        SessionRebound second = await ExpectMsgAsync<SessionRebound>(Long);
        Binding again = second.Binding;
        Assert.False(second.IsNew);
        Assert.Equal((decided.Backend, decided.Version), (again.Backend, again.Version));
    }

    [Fact]
    public async Task What_another_owner_wrote_meanwhile_counts()
    {
        IActorRef owner = Owner(Bucket);
        owner.Tell(new AdoptSessions(Bucket, [_onX]), TestActor);
        _plane.Tables[Pool].Publish(Bucket.Index, BindingBucket.Empty.With([_onX with { Backend = W, Version = 7 }]));
        owner.Tell(new RebindSession(Bucket, _onX, X), TestActor);
        SessionRebound answer = await FishForMessageAsync<SessionRebound>(_ => true, Long);
        Assert.Equal((W, 7u), (answer.Binding.Backend, answer.Binding.Version));
    }

    [Fact]
    public async Task Sessions_whose_moment_has_come_move_also_those_that_come_late_and_without_being_asked_for_each()
    {
        IActorRef owner = Owner(Bucket);
        owner.Tell(new AdoptSessions(Bucket, [_onX]), TestActor);
        PublishDraining(_plane, X, SessionMoves.At(_plane.Clock.UtcNow, 2, 4));
        owner.Tell(new MoveDueSessions(Bucket), TestActor);
        await HasMovedAsync(_onX);

        Binding late = _onX with { Id = new SessionId(1, 2) };
        owner.Tell(new AdoptSessions(Bucket, [late]), TestActor);
        await HasMovedAsync(late);
        Assert.Equal(2, _plane.SessionCounters.ReboundFor(MoveReason.Drained));
        await ExpectNoMsgAsync(TimeSpan.Zero);

        // Who asks then is not who moved it, and does not count it.
        owner.Tell(new RebindSession(Bucket, _onX, BackendKey.None), TestActor);
        Assert.False((await ExpectMsgAsync<SessionRebound>(Long)).IsNew);
    }

    [Fact]
    public async Task An_owner_that_begins_while_sessions_move_takes_in_what_nodes_decided_alone_before_it_moves_any()
    {
        PublishDraining(_plane, X, over: true);
        Binding alone = _onX with { Backend = W, Version = 2 };
        OwnerWith(new MoveDueSessions(Bucket), new AdoptSessions(Bucket, [_onX]), new AdoptSessions(Bucket, [alone]));
        await Eventually.Holds(async () => (await Replicated(Bucket)).TryGet(_onX.Id, out Binding found) && found.Backend == W, "it is where it was");
        Assert.Equal(0, _plane.SessionCounters.ReboundFor(MoveReason.Drained));
    }

    private Task HasMovedAsync(Binding from) => Eventually.Holds(
        async () => (await Replicated(Bucket)).TryGet(from.Id, out Binding found)
            && found == from.MovedTo(_plane.Routing.Pools[Pool].NewHome(from.Id, X)!.Key, from.LastSeen),
        "it has moved");

    [Fact]
    public async Task A_pool_without_any_other_backend_is_answered_with_none()
    {
        Publish(_plane, [.. Backends]);
        Owner(Bucket).Tell(new RebindSession(Bucket, _onX, X), TestActor);
        Assert.Equal(BackendKey.None, (await ExpectMsgAsync<SessionRebound>(Long)).Binding.Backend);
    }

    [Fact]
    public async Task A_bucket_takes_in_so_many_sessions_and_counts_the_others()
    {
        int max = BucketId.SessionsMax(1024);
        IActorRef owner = Owner(Bucket);
        owner.Tell(new AdoptSessions(Bucket, [.. Enumerable.Range(0, max + 1).Select(i => _onX with { Id = new SessionId(1, (ulong)i) })]));
        await Eventually.Holds(async () => (await Replicated(Bucket)).Count == max, "the bucket is full");
        Assert.Equal(1, _capability.NotOwned);
    }

    [Fact]
    public async Task A_bucket_of_an_unknown_pool_is_nobodys()
    {
        IActorRef nobody = Owner(new BucketId("other", 0));
        nobody.Tell(new RebindSession(new BucketId("other", 0), _onX, X), TestActor);
        await ExpectNoMsgAsync(TimeSpan.FromMilliseconds(100));
        await nobody.GracefulStop(Long);
    }

    private IActorRef Owner(BucketId bucket) => Sys.ActorOf(PropsOf(bucket));

    /// <summary>One that was away: all of these are there when it begins, in the order in which a shard region kept them.</summary>
    private void OwnerWith(params IBucketMessage[] kept)
    {
        var sending = new Lock();
        lock (sending)
        {
            IActorRef owner = Sys.ActorOf(Props.CreateBy(new LateProducer(PropsOf(Bucket), sending)));
            foreach (IBucketMessage message in kept)
            {
                owner.Tell(message, TestActor);
            }
        }
    }

    private Props PropsOf(BucketId bucket) => SessionAffinityActor.Props(BucketExtractor.EntityIdOf(bucket), _plane, _capability);

    private async Task<BindingBucket> Replicated(BucketId bucket)
    {
        var key = new BindingBucketKey(bucket);
        var answer = await DistributedData.Get(Sys).Replicator.Ask<IGetResponse>(Dsl.Get(key, ReadLocal.Instance), Long);
        return answer.IsFound ? answer.Get(key).Bucket : BindingBucket.Empty;
    }

    /// <summary>Makes an actor when nobody holds the lock any more.</summary>
    private sealed class LateProducer(Props props, Lock sending) : IIndirectActorProducer
    {
        public Type ActorType => props.Type;

        public ActorBase Produce()
        {
            lock (sending)
            {
                return props.NewActor();
            }
        }

        public void Release(ActorBase actor)
        {
        }
    }
}

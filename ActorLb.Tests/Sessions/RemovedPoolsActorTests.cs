using ActorLb.Tests.Cluster;
using ActorLb.Engine;
using ActorLb.Node.Routing;
using ActorLb.Node.Sessions.Replication;
using ActorLb.Node.Supervision;
using ActorLb.Node.Topologies;
using ActorLb.Shared.Backends;
using ActorLb.Shared.Messages;
using ActorLb.Shared.Sessions;
using ActorLb.Tests.Supervision;
using Akka.Actor;
using Akka.DistributedData;
using Xunit;

namespace ActorLb.Tests.Sessions;

public sealed class RemovedPoolsActorTests : ActorTest
{
    private const string Config = """
        akka.loglevel = WARNING
        akka.actor.provider = cluster
        akka.remote.dot-netty.tcp { hostname = "127.0.0.1", port = 0 }
        akka.coordinated-shutdown { exit-clr = off, run-by-clr-shutdown-hook = off }
        """;

    private readonly DataPlane _plane = new(SessionWorld.Settings(idleTimeout: TimeSpan.FromSeconds(1)), TimeProvider.System);
    private readonly Binding _one;
    private readonly Binding _other;

    public RemovedPoolsActorTests()
        : base(Config)
    {
        Akka.Cluster.Cluster.Get(Sys).Join(Akka.Cluster.Cluster.Get(Sys).SelfAddress);
        _one = new Binding(new SessionId(1, 1), SessionWorld.X, 1, _plane.Clock.Now);
        _other = _one with { Id = new SessionId(ulong.MaxValue, 1) };
    }

    [Fact]
    public async Task Sessions_of_a_removed_pool_expire_in_distributed_data_and_those_of_other_pools_stay()
    {
        var kept = new BucketId("kept", 3);
        await WriteAsync(BucketId.Of(SessionWorld.Pool, _one.Id), _one);
        await WriteAsync(BucketId.Of(SessionWorld.Pool, _other.Id), _other);
        await WriteAsync(kept, _one);
        Started();

        Sys.EventStream.Publish(new PoolRemoved(SessionWorld.Pool));

        // It fails, and knows it all the same.
        Sys.Own<RemovedPoolsActor>().Tell(Kill.Instance);
        await Eventually.Holds(
            async () => await CountAsync(BucketId.Of(SessionWorld.Pool, _one.Id)) + await CountAsync(BucketId.Of(SessionWorld.Pool, _other.Id)) == 0, "none is left");
        Assert.Equal(1, await CountAsync(kept));
    }

    [Fact]
    public async Task Nothing_expires_while_another_node_has_the_pool()
    {
        BucketId bucket = BucketId.Of(SessionWorld.Pool, _one.Id);
        await WriteAsync(bucket, _one);
        Started();
        Sys.EventStream.Publish(Told(new KnownBackend(new BackendName(SessionWorld.Pool, "web-1"), new Uri("http://x:1"))));
        Sys.EventStream.Publish(new PoolRemoved(SessionWorld.Pool));

        // It fails, and nobody tells it again.
        Sys.Own<RemovedPoolsActor>().Tell(Kill.Instance);
        await Eventually.Holds(() => _plane.Clock.Now > _one.LastSeen + 4, "it is too old by far");
        Assert.Equal(1, await CountAsync(bucket));
    }

    private static ToldBackendsChanged Told(KnownBackend backend) => new(ToldBackends.None.With(new BackendsKnown("n2", [backend])));

    // Its constructor has run, and it has subscribed, when it answers.
    private void Started()
    {
        IActorRef actor = this.StartNodeActor<RemovedPoolsActor>(Props.Create(() => new RemovedPoolsActor(_plane, new RemovedPools())));
        actor.Tell(new Identify(1), TestActor);
        ExpectMsg<ActorIdentity>();
    }

    private async Task WriteAsync(BucketId bucket, Binding binding)
    {
        BindingBucket content = BindingBucket.Empty.With([binding]);
        var done = await DistributedData.Get(Sys).Replicator.Ask<IUpdateResponse>(Dsl.Update(
            new BindingBucketKey(bucket), BindingBucketData.Empty, WriteLocal.Instance, data => data.Updated(content, new BindingBucketDelta([binding], 0))));
        Assert.True(done.IsSuccessful);
    }

    private async Task<int> CountAsync(BucketId bucket)
    {
        var key = new BindingBucketKey(bucket);
        return (await DistributedData.Get(Sys).Replicator.Ask<IGetResponse>(Dsl.Get(key, ReadLocal.Instance))).Get(key).Bucket.Count;
    }
}

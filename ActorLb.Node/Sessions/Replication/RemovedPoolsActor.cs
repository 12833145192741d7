using ActorLb.Engine;
using ActorLb.Node.Routing;
using ActorLb.Node.Supervision;
using ActorLb.Node.Topologies;
using ActorLb.Shared.Settings;
using Akka.Actor;
using Akka.DistributedData;
using Akka.Event;

namespace ActorLb.Node.Sessions.Replication;

/// <summary>
/// Lets the sessions of removed pools expire in distributed data: their owners are gone. Until then a pool that comes back, as by a
/// rollback, finds them. Nodes that still have the pool keep its sessions alive.
/// </summary>
internal sealed class RemovedPoolsActor : ReceiveActor, INodeActor, IWithTimers
{
    private readonly DataPlane _plane;
    private readonly IActorRef _replicator = DistributedData.Get(Context.System).Replicator;
    private readonly Dictionary<string, TimeSpan> _idleTimeouts;
    private readonly Dictionary<string, RemovedPool> _removed;
    private readonly RemovedPools _memory;

    /// <param name="memory">Used by this actor alone.</param>
    public RemovedPoolsActor(DataPlane plane, RemovedPools memory)
    {
        _plane = plane;
        _memory = memory;
        _idleTimeouts = memory.IdleTimeouts;
        _removed = memory.Removed;
        foreach (PoolSettings pool in plane.Topology.Pools.Values)
        {
            _idleTimeouts[pool.Name] = pool.Affinity.IdleTimeout;
        }

        Receive<PoolChanged>(m => Know(m.Pool.Name, m.Pool.Affinity.IdleTimeout));
        Receive<PoolRemoved>(m => Forget(m.Pool));
        Receive<ToldBackendsChanged>(m => memory.Told = m.Told);
        Receive<Look>(_ => _replicator.Tell(Dsl.GetKeyIds));
        Receive<GetKeysIdsResult>(keys => Expire(keys.Keys));
        Receive<IUpdateResponse>(_ => { });
    }

    public static string Name => "removed-pools";

    public ITimerScheduler Timers { get; set; } = null!;

    protected override void PreStart()
    {
        Context.System.EventStream.Subscribe<PoolChanged>(Self);
        Context.System.EventStream.Subscribe<PoolRemoved>(Self);
        Context.System.EventStream.Subscribe<ToldBackendsChanged>(Self);
        LookLater();
    }

    protected override void PostStop() => Context.System.EventStream.Unsubscribe(Self);

    private void Know(string pool, TimeSpan idleTimeout)
    {
        _idleTimeouts[pool] = idleTimeout;
        _removed.Remove(pool);
    }

    private void Forget(string pool)
    {
        if (_idleTimeouts.Remove(pool, out TimeSpan idleTimeout) && idleTimeout > TimeSpan.Zero)
        {
            // The last use of each is before now: after that time none is left.
            _removed[pool] = new RemovedPool(idleTimeout, _plane.Clock.Now);
            LookLater();
        }
    }

    private void Expire(IEnumerable<string> keys)
    {
        foreach (string key in keys)
        {
            if (BindingBucketKey.Parse(key) is { } bucket
                && _removed.TryGetValue(bucket.Pool, out RemovedPool? removed)
                && _memory.Told.Of(bucket.Pool).Count == 0)
            {
                uint horizon = removed.HorizonAt(_plane.Clock.Ending);
                var nothing = new BindingBucketDelta([], horizon);
                _replicator.Tell(Dsl.Update(
                    new BindingBucketKey(bucket), BindingBucketData.Empty, WriteLocal.Instance, data => data.Updated(data.Bucket.Cut(horizon), nothing)));
            }
        }

        foreach ((string pool, RemovedPool removed) in _removed.Where(r => r.Value.HorizonAt(_plane.Clock.Ending) > r.Value.At).ToArray())
        {
            _removed.Remove(pool);
        }

        LookLater();
    }

    private void LookLater()
    {
        if (_removed.Count > 0)
        {
            Timers.StartSingleTimer(Look.Instance, Look.Instance, _removed.Values.Min(r => SessionBounds.ExpiryInterval(r.IdleTimeout)));
        }
    }

    private sealed class Look
    {
        public static readonly Look Instance = new();
    }
}

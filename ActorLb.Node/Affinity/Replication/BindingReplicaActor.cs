using ActorLb.Engine;
using ActorLb.Engine.Sessions;
using ActorLb.Shared.Sessions;
using Akka.Actor;
using Akka.DistributedData;

namespace ActorLb.Node.Affinity.Replication;

/// <summary>
/// Keeps this node's binding tables as distributed data has them. It polls the local replica, a slice per tick:
/// subscribing would serialise and hash a whole bucket for every change in it.
/// </summary>
internal sealed class BindingReplicaActor : ReceiveActor, IWithTimers
{
    public const string Name = "binding-replica";

    private readonly DataPlane _plane;
    private readonly AffinityCapability _capability;
    private readonly IActorRef _replicator = DistributedData.Get(Context.System).Replicator;
    private readonly Dictionary<string, Replica> _byKey = [];
    private readonly List<Replica> _all = [];
    private readonly Queue<BucketId> _toFeed = new();
    private int _slice;

    public BindingReplicaActor(DataPlane plane, AffinityCapability capability)
    {
        _plane = plane;
        _capability = capability;
        Receive<Tick>(tick => tick == Tick.Poll, _ => Poll());
        Receive<GetSuccess>(found => found.Request is FillEnded, _ => _capability.MarkFilled());
        Receive<GetSuccess>(Publish);
        Receive<IGetResponse>(none => none.Request is FillEnded, _ => _capability.MarkFilled());
        Receive<IGetResponse>(_ => { });
        Receive<GetKeysIdsResult>(keys => Find(keys.Keys));
        Receive<IUpdateResponse>(_ => { });
        Receive<BucketArrived>(arrived => Read(Track(arrived.Bucket)));
        Receive<FillEnded>(EndFill);
        Receive<AskHeldBuckets>(_ => Sender.Tell(new BucketsHeld([.. Held()])));
    }

    public ITimerScheduler Timers { get; set; } = null!;

    protected override void PreStart()
    {
        // After a restart of the control plane the tables know more than distributed data, which began empty.
        foreach (BucketId bucket in Held())
        {
            _toFeed.Enqueue(bucket);
        }

        IActorRef self = Self;
        IActorContext context = Context;
        Context.ActorOf(
            Props.Create(() => new BindingFillActor(self, address => context.System.ActorSelection($"{address}/user/{Name}"))),
            "fill");
        Timers.StartPeriodicTimer(Tick.Poll, Tick.Poll, AffinityBounds.PollTick);
    }

    private void Poll()
    {
        Feed();
        if (_slice == 0)
        {
            _replicator.Tell(Dsl.GetKeyIds);
        }

        for (int i = _slice; i < _all.Count; i += AffinityBounds.PollSlices)
        {
            Read(_all[i]);
        }

        _slice = (_slice + 1) % AffinityBounds.PollSlices;
    }

    private void Find(IEnumerable<string> keys)
    {
        foreach (string key in keys)
        {
            if (!_byKey.ContainsKey(key) && BindingBucketKey.Parse(key) is { } bucket && _plane.Tables.ContainsKey(bucket.Pool))
            {
                Track(bucket);
            }
        }
    }

    private Replica? Track(BucketId bucket)
    {
        if (!_plane.Tables.TryGetValue(bucket.Pool, out BindingTable? table))
        {
            return null;
        }

        var key = new BindingBucketKey(bucket);
        if (!_byKey.TryGetValue(key.Id, out Replica? replica))
        {
            replica = new Replica(key, table);
            _byKey.Add(key.Id, replica);
            _all.Add(replica);
        }

        return replica;
    }

    private void Read(Replica? replica)
    {
        if (replica is not null)
        {
            _replicator.Tell(Dsl.Get(replica.Key, ReadLocal.Instance));
        }
    }

    private void Publish(GetSuccess found)
    {
        if (_byKey.TryGetValue(found.Key.Id, out Replica? replica))
        {
            BindingBucket bucket = found.Get(replica.Key).Bucket;
            if (!ReferenceEquals(bucket, replica.Published))
            {
                replica.Published = bucket;

                // What the table still has to give to distributed data is not in what comes from there.
                replica.Table.Publish(
                    replica.Key.Bucket.Index,
                    _toFeed.Count > 0 ? replica.Table.Replicated(replica.Key.Bucket.Index).Merge(bucket) : bucket);
            }
        }
    }

    private void Feed()
    {
        for (int fed = 0; fed < AffinityBounds.FedPerTickMax && _toFeed.TryDequeue(out BucketId bucket);)
        {
            BindingBucket known = _plane.Tables[bucket.Pool].Replicated(bucket.Index);
            var delta = new BindingBucketDelta(known.ChangedSince(BindingBucket.Empty), known.Horizon);
            _replicator.Tell(Dsl.Update(
                new BindingBucketKey(bucket), BindingBucketData.Empty, WriteLocal.Instance, data => data.Updated(known, delta)));
            Track(bucket);
            fed += known.Count;
        }
    }

    // Answers of the replicator come in the order of the questions: when this one does, all that arrived is published.
    private void EndFill(FillEnded ended)
    {
        _slice = 0;
        _replicator.Tell(Dsl.Get(new BindingBucketKey(default), ReadLocal.Instance, ended));
    }

    private IEnumerable<BucketId> Held()
    {
        foreach ((string pool, BindingTable table) in _plane.Tables)
        {
            for (int i = 0; i < BucketId.Count; i++)
            {
                if (table.Replicated(i).Count > 0)
                {
                    yield return new BucketId(pool, i);
                }
            }
        }
    }

    private enum Tick
    {
        Poll,
    }

    private sealed class Replica(BindingBucketKey key, BindingTable table)
    {
        public BindingBucketKey Key { get; } = key;

        public BindingTable Table { get; } = table;

        public BindingBucket? Published { get; set; }
    }
}

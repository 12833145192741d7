using ActorLb.Engine;
using ActorLb.Engine.Sessions;
using ActorLb.Shared.Sessions;
using Akka.Actor;
using Akka.DistributedData;

namespace ActorLb.Node.Affinity.Replication;

/// <summary>
/// Keeps this node's binding tables as distributed data has them. It reads the local replica of buckets that may have
/// changed, a slice per tick, and of the others now and then: subscribing would serialise and hash a whole bucket for
/// every change in it, and reading all of them all the time cost more than everything else that an idle node does. What a table knew before this actor
/// system began, from its file or from the system before, is handed to distributed data when the fill has told what
/// the other members know of it: nothing where they agree, the difference where they do not.
/// </summary>
internal sealed class BindingReplicaActor : ReceiveActor, IWithTimers
{
    public const string Name = "binding-replica";

    private readonly DataPlane _plane;
    private readonly AffinityCapability _capability;
    private readonly IActorRef _replicator = DistributedData.Get(Context.System).Replicator;
    private readonly BucketHints _hints;
    private readonly Dictionary<string, Replica> _byKey = [];
    private readonly List<Replica> _all = [];
    private readonly long[] _warmUntil = new long[BucketId.Count];
    private readonly HashSet<BucketId> _known = [];
    private readonly Dictionary<BucketId, BindingBucket> _othersHave = [];
    private readonly Queue<BucketId> _toFeed = new();
    private long _tick;
    private int _swept;

    public BindingReplicaActor(DataPlane plane, AffinityCapability capability, BucketHints hints)
    {
        _plane = plane;
        _hints = hints;
        _capability = capability;
        Receive<Tick>(tick => tick == Tick.Poll, _ => Poll());
        Receive<GetSuccess>(found => found.Request is FillEnded, found => Filled((FillEnded)found.Request));
        Receive<GetSuccess>(Publish);
        Receive<IGetResponse>(none => none.Request is FillEnded, none => Filled((FillEnded)none.Request));
        Receive<IGetResponse>(_ => { });
        Receive<IUpdateResponse>(_ => { });
        Receive<BucketArrived>(Arrived);
        Receive<FillEnded>(EndFill);
        Receive<AskHeldBuckets>(_ => Sender.Tell(new BucketsHeld([.. Held()])));
    }

    public ITimerScheduler Timers { get; set; } = null!;

    protected override void PreStart()
    {
        foreach (string pool in _plane.Tables.Keys)
        {
            for (int i = 0; i < BucketId.Count; i++)
            {
                Track(new BucketId(pool, i));
            }
        }

        Dictionary<BucketId, ulong> mine = Held().ToDictionary(h => h.Bucket, h => h.Digest);
        _known.UnionWith(mine.Keys);
        IActorRef self = Self;
        IActorContext context = Context;
        Context.ActorOf(
            Props.Create(() => new BindingFillActor(self, address => context.System.ActorSelection($"{address}/user/{Name}"), mine)),
            "fill");
        Timers.StartPeriodicTimer(Tick.Poll, Tick.Poll, AffinityBounds.PollTick);
    }

    private void Poll()
    {
        Feed();
        _tick++;
        _hints.Take(bucket => _warmUntil[bucket] = _tick + AffinityBounds.WarmTicks);
        int slice = (int)(_tick % AffinityBounds.PollSlices);
        for (int i = slice; i < _all.Count; i += AffinityBounds.PollSlices)
        {
            if (_warmUntil[_all[i].Key.Bucket.Index] >= _tick)
            {
                Read(_all[i]);
            }
        }

        // What came without a hint, or so long after it that nobody looked any more.
        for (int i = 0; i < AffinityBounds.SweptPerTick && i < _all.Count; i++)
        {
            _swept = (_swept + 1) % _all.Count;
            Read(_all[_swept]);
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
        if (!_byKey.TryGetValue(found.Key.Id, out Replica? replica))
        {
            return;
        }

        BindingBucket bucket = found.Get(replica.Key).Bucket;
        if (ReferenceEquals(bucket, replica.Published))
        {
            return;
        }

        replica.Published = bucket;
        BucketId id = replica.Key.Bucket;

        // What the table still has to give to distributed data is not in what comes from there.
        replica.Table.Publish(id.Index, _known.Contains(id) ? replica.Table.Replicated(id.Index).Merge(bucket) : bucket);
    }

    private void Arrived(BucketArrived arrived)
    {
        if (_known.Contains(arrived.Bucket))
        {
            _othersHave[arrived.Bucket] = arrived.Content;
        }

        Read(Track(arrived.Bucket));
    }

    private void Feed()
    {
        for (int fed = 0; fed < AffinityBounds.FedPerTickMax && _toFeed.TryDequeue(out BucketId id);)
        {
            BindingBucket known = _plane.Tables[id.Pool].Replicated(id.Index);
            _othersHave.Remove(id, out BindingBucket? others);
            fed += Hand(id, known, new BindingBucketDelta(known.ChangedSince(others ?? BindingBucket.Empty), known.Horizon));
        }
    }

    private int Hand(BucketId id, BindingBucket known, BindingBucketDelta delta)
    {
        _known.Remove(id);
        _replicator.Tell(Dsl.Update(
            new BindingBucketKey(id), BindingBucketData.Empty, WriteLocal.Instance, data => data.Updated(known, delta)));
        _hints.Mark(id.Index);
        return 1 + delta.Bindings.Length;
    }

    // Answers of the replicator come in the order of the questions: when this one does, all that arrived is published.
    private void EndFill(FillEnded ended)
    {
        _replicator.Tell(Dsl.Get(new BindingBucketKey(default), ReadLocal.Instance, ended));
    }

    // An empty delta where the others agree: without one, distributed data would hold back the deltas that follow.
    private void Filled(FillEnded ended)
    {
        foreach (BucketId id in _known.ToArray())
        {
            if (ended.IsComplete && !ended.Disagreed.Contains(id))
            {
                Hand(id, _plane.Tables[id.Pool].Replicated(id.Index), BindingBucketDelta.Nothing);
            }
            else
            {
                _toFeed.Enqueue(id);
            }
        }

        _capability.MarkFilled();
    }

    private IEnumerable<HeldBucket> Held()
    {
        foreach ((string pool, BindingTable table) in _plane.Tables)
        {
            for (int i = 0; i < BucketId.Count; i++)
            {
                if (table.Replicated(i) is { Count: > 0 } bucket)
                {
                    yield return new HeldBucket(new BucketId(pool, i), BucketDigest.Of(bucket));
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

using System.Collections.Immutable;
using ActorLb.Engine;
using ActorLb.Engine.Sessions;
using ActorLb.Node.Supervision;
using ActorLb.Node.Topologies;
using ActorLb.Shared.Sessions;
using Akka.Actor;
using Akka.DistributedData;
using Akka.Event;

namespace ActorLb.Node.Sessions.Replication;

/// <summary>
/// Keeps this node's binding tables as distributed data has them. It asks the local replicator for the buckets that
/// changed, a slice per tick: subscribing would serialise and hash a whole bucket for every change in it.
/// </summary>
internal sealed class BindingReplicaActor : ReceiveActor, INodeActor, IWithTimers
{
    public static string Name => "binding-replica";

    private readonly DataPlane _plane;
    private readonly SessionCapability _capability;
    private readonly IActorRef _replicator = DistributedData.Get(Context.System).Replicator;
    private readonly Dictionary<string, Replica> _byKey = [];
    private readonly List<Replica> _all = [];
    private readonly Queue<BucketGiven> _given = new();
    private KeySearchState _search = KeySearchState.Initial;
    private int _tick;

    // Ticks in a row that found nothing to read.
    private int _quietTicks;
    private int _pushed;
    private bool _filled;

    private readonly HashSet<string> _pools;

    // A pool has come whose buckets may be there already.
    private bool _finds;

    public BindingReplicaActor(DataPlane plane, SessionCapability capability)
    {
        _plane = plane;
        _capability = capability;
        _pools = [.. plane.Tables.Keys];
        Receive<Tick>(_ => Poll());
        Receive<GetSuccess>(found => found.Request is FillEnded, _ => _capability.MarkFilled());
        Receive<GetSuccess>(Publish);
        Receive<IGetResponse>(none => none.Request is FillEnded, _ => _capability.MarkFilled());
        Receive<IGetResponse>(_ => { });
        Receive<GetKeysIdsResult>(keys => Find(keys.Keys));
        Receive<IUpdateResponse>(_ => { });
        Receive<BucketGiven>(Take);
        Receive<FillEnded>(_ => EndFill());
        Receive<AskHeldBuckets>(_ => Sender.Tell(new BucketsHeld([.. Held()], _capability.Filled.IsCompleted)));
        Receive<GiveBucket>(Give);
        Receive<PoolRemoved>(m => Forget(m.Pool));
        Receive<PoolChanged>(m => _finds |= _pools.Add(m.Pool.Name));
    }

    public ITimerScheduler Timers { get; set; } = null!;

    protected override void PreStart()
    {
        Context.System.EventStream.Subscribe<PoolRemoved>(Self);
        Context.System.EventStream.Subscribe<PoolChanged>(Self);
        BucketId[] brought = [.. Held().Select(h => h.Bucket)];
        Seed(brought);
        IActorRef self = Self;
        Func<Address, ActorSelection> peer = Context.System.At<BindingReplicaActor>;
        Context.ActorOf(Props.Create(() => new BindingFillActor(self, peer, BucketOf, brought)), "fill");
        Timers.StartSingleTimer(Tick.Poll, Tick.Poll, SessionBounds.PollTick);
    }

    // Tables of a pool that comes again are new.
    private void Forget(string pool)
    {
        _pools.Remove(pool);
        foreach (Replica replica in _all.Where(r => r.Key.Bucket.Pool == pool).ToArray())
        {
            _byKey.Remove(replica.Key.Id);
            _all.Remove(replica);
        }
    }

    protected override void PostStop() => Context.System.EventStream.Unsubscribe(Self);

    private BindingBucket BucketOf(BucketId bucket) =>
        _plane.Tables.TryGetValue(bucket.Pool, out BindingTable? table) ? table.Replicated(bucket.Index) : BindingBucket.Empty;

    // At the start the tables may know more than distributed data, which began empty: what they have from the disk,
    // or from the last run of the control plane. It goes in as it is, with a delta of nothing, so that nobody is sent
    // a million bindings that he has; what others lack is found out by the fill.
    private void Seed(BucketId[] brought)
    {
        var nothing = new BindingBucketDelta([], 0);
        foreach (BucketId bucket in brought)
        {
            BindingBucket known = _plane.Tables[bucket.Pool].Replicated(bucket.Index).WithHorizonBefore(_plane.Clock.Now);
            _replicator.Tell(Dsl.Update(
                new BindingBucketKey(bucket), BindingBucketData.Empty, WriteLocal.Instance, data => data.Updated(known, nothing)));
            Track(bucket);
        }
    }

    private void Poll()
    {
        _pushed = Math.Max(0, _pushed - SessionBounds.PushedPerTickMax);
        while (_pushed < SessionBounds.PushedPerTickMax && _given.TryDequeue(out BucketGiven? given))
        {
            Exchange(given);
        }

        if (_filled && _given.Count == 0)
        {
            _filled = false;
            SayFilled();
        }

        // Where nothing happens, all slices are looked at together, as often as each of them otherwise: fewer wakes.
        bool wasQuiet = _quietTicks >= SessionBounds.PollSlices;
        bool found = (wasQuiet || _tick % SessionBounds.PollSlices == 0) && Search();
        int slices = wasQuiet ? 1 : SessionBounds.PollSlices;
        for (int i = _tick % slices; i < _all.Count; i += slices)
        {
            if (_all[i].MayHaveChanged())
            {
                found = true;
                Read(_all[i]);
            }
        }

        _tick++;
        _quietTicks = found || _pushed > 0 || _given.Count > 0 ? 0 : _quietTicks + 1;
        bool isQuiet = _quietTicks >= SessionBounds.PollSlices;
        Timers.StartSingleTimer(Tick.Poll, Tick.Poll, isQuiet ? SessionBounds.PollTick * SessionBounds.PollSlices : SessionBounds.PollTick);
    }

    private bool Search()
    {
        (_search, bool search) = _search.Round(ReplicaChanges.ReplicasMade);
        search |= _finds;
        _finds = false;
        if (search)
        {
            _replicator.Tell(Dsl.GetKeyIds);
        }

        return search;
    }

    private void Find(IEnumerable<string> keys)
    {
        foreach (string key in keys)
        {
            if (!_byKey.ContainsKey(key) && BindingBucketKey.Parse(key) is { } bucket)
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

    private void Read(Replica replica) => _replicator.Tell(Dsl.Get(replica.Key, ReadLocal.Instance));

    private void Publish(GetSuccess found)
    {
        if (_byKey.TryGetValue(found.Key.Id, out Replica? replica))
        {
            BindingBucketData data = found.Get(replica.Key);
            replica.Changes = data.Changes;
            if (!ReferenceEquals(data.Bucket, replica.Published))
            {
                replica.Published = data.Bucket;
                replica.Table.Publish(replica.Key.Bucket.Index, data.Bucket);
            }
        }
    }

    private void Give(GiveBucket ask)
    {
        if (_plane.Tables.TryGetValue(ask.Bucket.Pool, out BindingTable? table))
        {
            BindingBucket bucket = table.Replicated(ask.Bucket.Index);
            ulong same = SamePages(bucket, ask.Pages);
            Sender.Tell(new BucketGiven(ask.Bucket, ask.Fingerprint, bucket.WithoutPages(same), same));
        }
    }

    // What the peer lacks is sent to all, and a delta message has a bound: the rest of it waits for the next tick.
    private void Take(BucketGiven given)
    {
        if (_given.Count == 0 && _pushed < SessionBounds.PushedPerTickMax)
        {
            Exchange(given);
        }
        else
        {
            _given.Enqueue(given);
        }
    }

    private void Exchange(BucketGiven given)
    {
        if (Track(given.Bucket) is { } replica)
        {
            BindingBucket own = replica.Table.Replicated(given.Bucket.Index);
            BindingBucket peers = given.Content.WithHorizonBefore(_plane.Clock.Now).WithPages(given.Same, own);
            _pushed += own.ChangedSince(peers).Length;
            _replicator.Tell(Dsl.Update(replica.Key, BindingBucketData.Empty, WriteLocal.Instance, data => data.Exchanged(peers)));
            Read(replica);
        }
    }

    private static ulong SamePages(BindingBucket bucket, ImmutableArray<ulong> asker)
    {
        ulong same = 0;
        if (asker.Length == BindingBucket.PageCount)
        {
            ImmutableArray<ulong> own = bucket.PageFingerprints();
            for (int i = 0; i < own.Length; i++)
            {
                same |= own[i] == asker[i] ? 1UL << i : 0;
            }
        }

        return same;
    }

    private void EndFill()
    {
        if (_given.Count > 0)
        {
            _filled = true;
        }
        else
        {
            SayFilled();
        }
    }

    // Answers of the replicator come in the order of the questions: when this one does, all that arrived is published.
    private void SayFilled() => _replicator.Tell(Dsl.Get(new BindingBucketKey(default), ReadLocal.Instance, FillEnded.Instance));

    private IEnumerable<HeldBucket> Held()
    {
        foreach ((string pool, BindingTable table) in _plane.Tables)
        {
            for (int i = 0; i < BucketId.Count; i++)
            {
                BindingBucket bucket = table.Replicated(i);
                if (bucket.Count > 0)
                {
                    yield return new HeldBucket(new BucketId(pool, i), bucket.Fingerprint);
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

        /// <summary>Null until the replicator has shown its replica: until then every look asks.</summary>
        public ReplicaChanges? Changes { get; set; }

        public bool MayHaveChanged() => Changes is null || Changes.Take();
    }
}

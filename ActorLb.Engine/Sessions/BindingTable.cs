using System.Collections.Concurrent;
using ActorLb.Shared.Backends;
using ActorLb.Shared.Sessions;

namespace ActorLb.Engine.Sessions;

/// <summary>
/// This node's copy of one pool's bindings. Two layers: the replicated buckets, published whole by
/// BindingReplicaActor, and what this node learned itself and has not yet seen come back (provisional).
/// Any thread may read and note; look-ups take no lock.
/// </summary>
public sealed class BindingTable
{
    private readonly BindingBucket?[] _buckets = new BindingBucket?[BucketId.Count];

    // By bucket, so that publishing one bucket looks only at what waits for that one.
    private readonly ConcurrentDictionary<SessionId, Binding>?[] _provisional =
        new ConcurrentDictionary<SessionId, Binding>?[BucketId.Count];

    // How many wait in each, never lower than what is there: where nothing waits, a look-up does not search.
    private readonly int[] _waitingCounts = new int[BucketId.Count];

    private readonly int[] _keptOut = new int[BucketId.Count];
    private readonly BackendCounts _counts = new();
    private volatile Places _places;
    private int _replicatedCount;
    private int _provisionalCount;
    private long _refused;

    /// <param name="sessionsMax">affinity.max-sessions: so many bindings are held, both layers counted, and some more of sessions that moved.</param>
    public BindingTable(int sessionsMax)
    {
        _places = new Places(sessionsMax);
    }

    /// <summary>Another affinity.max-sessions: what is held beyond it stays until it expires.</summary>
    public void Resize(int sessionsMax)
    {
        if (_places.SessionsMax != sessionsMax)
        {
            _places = new Places(sessionsMax);
        }
    }

    /// <summary>Bindings held now; those in both layers count twice until the replica has caught up.</summary>
    public int Count => Volatile.Read(ref _replicatedCount) + Volatile.Read(ref _provisionalCount);

    /// <summary>Bindings that this node knows and the replica does not yet say.</summary>
    public int ProvisionalCount => Volatile.Read(ref _provisionalCount);

    /// <summary>
    /// Bindings that were not taken in because the table was full, noted here or replicated from others; their
    /// sessions go on by their tickets.
    /// </summary>
    public long Refused => Interlocked.Read(ref _refused);

    /// <summary>What became of sessions that lived at what is no backend of the pool any more.</summary>
    public SessionCounts OfGone { get; } = new();

    public bool TryGet(SessionId id, out Binding binding)
    {
        int index = BucketId.IndexOf(id);

        // The provisional layer first: Publish swaps the bucket before it drops what the bucket now says,
        // so that in this order every binding is seen in at least one of both.
        // The count goes down after that, so that none waiting means that the bucket says everything.
        Binding noted = default;
        bool provisional = Volatile.Read(ref _waitingCounts[index]) > 0 && _provisional[index]!.TryGetValue(id, out noted);
        if (Volatile.Read(ref _buckets[index]) is { } bucket && bucket.TryGet(id, out binding))
        {
            binding = provisional ? Binding.Merge(binding, noted) : binding;
            return true;
        }

        binding = noted;
        return provisional;
    }

    /// <summary>Holds what this node learned until the replica brings it; false where the table is full.</summary>
    public bool Note(in Binding binding)
    {
        int index = BucketId.IndexOf(binding.Id);
        if (Says(Replicated(index), binding))
        {
            return true;
        }

        ConcurrentDictionary<SessionId, Binding> waiting = Waiting(index);
        while (true)
        {
            if (waiting.TryGetValue(binding.Id, out Binding existing))
            {
                Binding merged = Binding.Merge(existing, binding);
                if (merged == existing)
                {
                    return true;
                }

                if (waiting.TryUpdate(binding.Id, merged, existing))
                {
                    DropIfReplicated(waiting, index, merged);
                    return true;
                }

                continue;
            }

            // The place is taken before the binding is put there: the limit holds for any number of writers.
            int waitingHere = Interlocked.Increment(ref _waitingCounts[index]);
            if (Interlocked.Increment(ref _provisionalCount) + Volatile.Read(ref _replicatedCount) > _places.OfPool.For(binding)
                || waitingHere > _places.OfBucket.For(binding))
            {
                GiveBack(index);
                Interlocked.Increment(ref _refused);
                return false;
            }

            if (waiting.TryAdd(binding.Id, binding))
            {
                DropIfReplicated(waiting, index, binding);
                return true;
            }

            GiveBack(index);
        }
    }

    /// <summary>The replicated bucket as it was last published here.</summary>
    public BindingBucket Replicated(int index) => Volatile.Read(ref _buckets[index]) ?? BindingBucket.Empty;

    /// <summary>
    /// Replaces one replicated bucket and drops the provisional bindings that it now says itself. Where the table is
    /// full, sessions that are new to it are kept out until the bucket is published again. Only BindingReplicaActor
    /// calls this, and the reader of the disk before it.
    /// </summary>
    public void Publish(int index, BindingBucket bucket)
    {
        BindingBucket previous = Replicated(index);
        ConcurrentDictionary<SessionId, Binding>? waiting = Volatile.Read(ref _provisional[index]);

        // The places are taken before the bucket is there, as in Note: writers on both sides keep the limit together.
        int held = Interlocked.Add(ref _replicatedCount, bucket.Count - previous.Count);
        int excess = held + ProvisionalCount - CountSaid(bucket, waiting) - _places.OfPool.SessionsMax;
        (bucket, int keptOut) = BucketAdmission.Admit(
            bucket, id => previous.TryGet(id, out _) || waiting?.ContainsKey(id) == true, excess, excess - _places.OfPool.ForMovedAlone);
        Interlocked.Add(ref _replicatedCount, -keptOut);
        Interlocked.Add(ref _refused, Math.Max(0, keptOut - _keptOut[index]));
        _keptOut[index] = keptOut;
        Volatile.Write(ref _buckets[index], bucket);
        DropSaid(index, bucket);
    }

    /// <summary>Drops provisional bindings that nobody used for the timeout.</summary>
    public void Expire(uint nowSeconds, TimeSpan idleTimeout)
    {
        if (ProvisionalCount == 0)
        {
            return;
        }

        for (int i = 0; i < _provisional.Length; i++)
        {
            if (Volatile.Read(ref _provisional[i]) is not { } waiting)
            {
                continue;
            }

            foreach ((SessionId id, Binding noted) in waiting)
            {
                if (noted.IsExpired(nowSeconds, idleTimeout))
                {
                    Drop(waiting, id, noted);
                }
            }
        }
    }

    /// <summary>What this node knows and the replica does not yet say: what to tell the owners again after they were away.</summary>
    public IReadOnlyCollection<Binding> Provisional
    {
        get
        {
            var all = new List<Binding>(ProvisionalCount);
            for (int i = 0; i < _provisional.Length; i++)
            {
                if (Volatile.Read(ref _provisional[i]) is { } waiting)
                {
                    foreach ((_, Binding noted) in waiting)
                    {
                        all.Add(noted);
                    }
                }
            }

            return all;
        }
    }

    /// <summary>Sessions per backend now. Looks only at buckets that changed, or lost a session by age, since the last time.</summary>
    public Dictionary<BackendKey, int> CountByBackend(uint nowSeconds, TimeSpan idleTimeout)
    {
        var counts = new Dictionary<BackendKey, int>();
        for (int i = 0; i < _buckets.Length; i++)
        {
            BindingBucket bucket = Replicated(i);
            _counts.AddTo(counts, i, bucket, nowSeconds, idleTimeout);
            if (Volatile.Read(ref _provisional[i]) is { } waiting)
            {
                foreach ((SessionId id, Binding noted) in waiting)
                {
                    bool replicated = bucket.TryGet(id, out Binding said);
                    Add(said, replicated ? -1 : 0);
                    Add(replicated ? Binding.Merge(said, noted) : noted, 1);
                }
            }
        }

        return counts;

        void Add(in Binding binding, int sessions)
        {
            if (sessions != 0 && !binding.IsEnded && !binding.IsExpired(nowSeconds, idleTimeout))
            {
                counts[binding.Backend] = counts.GetValueOrDefault(binding.Backend) + sessions;
            }
        }
    }

    /// <summary>Buckets of which a session lives at one of these backends now.</summary>
    public IEnumerable<int> BucketsWith(IReadOnlySet<BackendKey> backends, uint nowSeconds, TimeSpan idleTimeout) =>
        Enumerable.Range(0, _buckets.Length).Where(i =>
            _counts.HasAny(backends, i, Replicated(i), nowSeconds, idleTimeout)
            || Volatile.Read(ref _provisional[i])?.Values.Any(b => backends.Contains(b.Backend) && !b.IsExpired(nowSeconds, idleTimeout)) == true);

    private void DropSaid(int index, BindingBucket bucket)
    {
        if (Volatile.Read(ref _provisional[index]) is not { } waiting)
        {
            return;
        }

        foreach ((SessionId id, Binding noted) in waiting)
        {
            if (Says(bucket, noted))
            {
                Drop(waiting, id, noted);
            }
        }
    }

    private static int CountSaid(BindingBucket bucket, ConcurrentDictionary<SessionId, Binding>? waiting) =>
        waiting?.Count(noted => Says(bucket, noted.Value)) ?? 0;

    private ConcurrentDictionary<SessionId, Binding> Waiting(int index)
    {
        if (Volatile.Read(ref _provisional[index]) is { } waiting)
        {
            return waiting;
        }

        var created = new ConcurrentDictionary<SessionId, Binding>(concurrencyLevel: 1, capacity: 7);
        return Interlocked.CompareExchange(ref _provisional[index], created, null) ?? created;
    }

    private static bool Says(BindingBucket bucket, in Binding binding) =>
        bucket.TryGet(binding.Id, out Binding replicated) && Binding.Merge(replicated, binding) == replicated;

    // A bucket that was published while the binding was being noted has not looked for it: look for the bucket.
    private void DropIfReplicated(ConcurrentDictionary<SessionId, Binding> waiting, int index, in Binding noted)
    {
        if (Says(Replicated(index), noted))
        {
            Drop(waiting, noted.Id, noted);
        }
    }

    private void Drop(ConcurrentDictionary<SessionId, Binding> waiting, SessionId id, in Binding noted)
    {
        if (waiting.TryRemove(KeyValuePair.Create(id, noted)))
        {
            GiveBack(BucketId.IndexOf(id));
        }
    }

    private void GiveBack(int index)
    {
        Interlocked.Decrement(ref _waitingCounts[index]);
        Interlocked.Decrement(ref _provisionalCount);
    }

    private sealed record Places(int SessionsMax)
    {
        public SessionPlaces OfPool { get; } = SessionPlaces.OfPool(SessionsMax);

        public SessionPlaces OfBucket { get; } = SessionPlaces.OfBucket(SessionsMax);
    }
}

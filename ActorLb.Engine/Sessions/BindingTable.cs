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
    private readonly ConcurrentDictionary<SessionId, Binding> _provisional = new();
    private readonly int _sessionsMax;
    private int _replicatedCount;
    private int _provisionalCount;
    private long _refused;

    /// <param name="sessionsMax">affinity.max-sessions: a hard bound on all bindings held, both layers.</param>
    public BindingTable(int sessionsMax) => _sessionsMax = sessionsMax;

    /// <summary>Bindings held now; those in both layers count twice until the replica has caught up.</summary>
    public int Count => Volatile.Read(ref _replicatedCount) + Volatile.Read(ref _provisionalCount);

    /// <summary>Bindings that were not noted because the table was full; their sessions go on by their tickets.</summary>
    public long Refused => Interlocked.Read(ref _refused);

    public bool TryGet(SessionId id, out Binding binding)
    {
        BindingBucket? bucket = Volatile.Read(ref _buckets[BucketId.IndexOf(id)]);
        bool replicated = bucket is not null && bucket.TryGet(id, out binding) || Miss(out binding);
        if (Volatile.Read(ref _provisionalCount) > 0 && _provisional.TryGetValue(id, out Binding noted))
        {
            binding = replicated ? Binding.Merge(binding, noted) : noted;
            return true;
        }

        return replicated;
    }

    /// <summary>Holds what this node learned until the replica brings it; false where the table is full.</summary>
    public bool Note(in Binding binding)
    {
        bool known = _provisional.ContainsKey(binding.Id);
        if (!known && Count >= _sessionsMax)
        {
            Interlocked.Increment(ref _refused);
            return false;
        }

        Binding candidate = binding;
        bool added = false;
        _provisional.AddOrUpdate(
            binding.Id,
            _ =>
            {
                added = true;
                return candidate;
            },
            (_, existing) =>
            {
                added = false;
                return Binding.Merge(existing, candidate);
            });
        if (added)
        {
            Interlocked.Increment(ref _provisionalCount);
        }

        return true;
    }

    /// <summary>
    /// Replaces one replicated bucket and drops the provisional bindings that it now says itself.
    /// Only BindingReplicaActor calls this.
    /// </summary>
    public void Publish(int index, BindingBucket bucket)
    {
        BindingBucket? previous = Interlocked.Exchange(ref _buckets[index], bucket);
        Interlocked.Add(ref _replicatedCount, bucket.Count - (previous?.Count ?? 0));
        if (Volatile.Read(ref _provisionalCount) == 0)
        {
            return;
        }

        foreach ((SessionId id, Binding noted) in _provisional)
        {
            if (BucketId.IndexOf(id) == index
                && bucket.TryGet(id, out Binding replicated)
                && !noted.Supersedes(replicated)
                && noted.LastSeen <= replicated.LastSeen
                && _provisional.TryRemove(KeyValuePair.Create(id, noted)))
            {
                Interlocked.Decrement(ref _provisionalCount);
            }
        }
    }

    /// <summary>Drops provisional bindings that nobody used for the timeout.</summary>
    public void Expire(uint nowSeconds, TimeSpan idleTimeout)
    {
        foreach ((SessionId id, Binding noted) in _provisional)
        {
            if (noted.IsExpired(nowSeconds, idleTimeout) && _provisional.TryRemove(KeyValuePair.Create(id, noted)))
            {
                Interlocked.Decrement(ref _provisionalCount);
            }
        }
    }

    /// <summary>What this node knows and the replica does not yet say: what to tell the owners again after they were away.</summary>
    public IReadOnlyCollection<Binding> Provisional => [.. _provisional.Values];

    /// <summary>Sessions per backend now. Walks the whole table: for the admin API, not for requests.</summary>
    public Dictionary<BackendKey, int> CountByBackend(uint nowSeconds, TimeSpan idleTimeout)
    {
        var counts = new Dictionary<BackendKey, int>();
        for (int i = 0; i < _buckets.Length; i++)
        {
            if (Volatile.Read(ref _buckets[i]) is not { Count: > 0 } bucket)
            {
                continue;
            }

            for (int page = 0; page < BindingBucket.PageCount; page++)
            {
                foreach (ref readonly Binding binding in bucket.Page(page))
                {
                    Add(_provisional.TryGetValue(binding.Id, out Binding noted) ? Binding.Merge(binding, noted) : binding);
                }
            }
        }

        foreach (Binding noted in _provisional.Values)
        {
            if (Volatile.Read(ref _buckets[BucketId.IndexOf(noted.Id)])?.TryGet(noted.Id, out _) != true)
            {
                Add(noted);
            }
        }

        return counts;

        void Add(in Binding binding)
        {
            if (!binding.IsExpired(nowSeconds, idleTimeout))
            {
                counts[binding.Backend] = counts.GetValueOrDefault(binding.Backend) + 1;
            }
        }
    }

    private static bool Miss(out Binding binding)
    {
        binding = default;
        return false;
    }
}

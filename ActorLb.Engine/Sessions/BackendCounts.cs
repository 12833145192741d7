using System.Runtime.InteropServices;
using ActorLb.Shared.Backends;
using ActorLb.Shared.Sessions;

namespace ActorLb.Engine.Sessions;

/// <summary>
/// How many live bindings of each backend a replicated bucket has, kept for as long as the bucket stays the same and
/// none of them ends. Any thread may count; two at the same time count twice.
/// </summary>
internal sealed class BackendCounts
{
    private readonly Counted?[] _buckets = new Counted?[BucketId.Count];

    public void AddTo(
        Dictionary<BackendKey, int> sums, int index, BindingBucket bucket, uint nowSeconds, TimeSpan idleTimeout)
    {
        foreach ((BackendKey backend, int sessions) in LiveOf(index, bucket, nowSeconds, idleTimeout))
        {
            CollectionsMarshal.GetValueRefOrAddDefault(sums, backend, out _) += sessions;
        }
    }

    public bool HasAny(IReadOnlySet<BackendKey> backends, int index, BindingBucket bucket, uint nowSeconds, TimeSpan idleTimeout) =>
        Array.Exists(LiveOf(index, bucket, nowSeconds, idleTimeout), l => backends.Contains(l.Backend));

    private (BackendKey Backend, int Sessions)[] LiveOf(int index, BindingBucket bucket, uint nowSeconds, TimeSpan idleTimeout)
    {
        if (bucket.Count == 0)
        {
            return [];
        }

        Counted? counted = Volatile.Read(ref _buckets[index]);
        if (counted?.Holds(bucket, nowSeconds, idleTimeout) != true)
        {
            counted = Count(bucket, nowSeconds, idleTimeout);
            Volatile.Write(ref _buckets[index], counted);
        }

        return counted.Live;
    }

    private static Counted Count(BindingBucket bucket, uint nowSeconds, TimeSpan idleTimeout)
    {
        var live = new Dictionary<BackendKey, int>();
        uint oldest = uint.MaxValue;
        for (int page = 0; page < BindingBucket.PageCount; page++)
        {
            foreach (ref readonly Binding binding in bucket.Page(page))
            {
                if (!binding.IsEnded && !binding.IsExpired(nowSeconds, idleTimeout))
                {
                    CollectionsMarshal.GetValueRefOrAddDefault(live, binding.Backend, out _)++;
                    oldest = Math.Min(oldest, binding.LastSeen);
                }
            }
        }

        return new Counted(bucket, nowSeconds, oldest, idleTimeout, [.. live.Select(l => (l.Key, l.Value))]);
    }

    /// <param name="At">When it was counted: what had ended then lives for an earlier look.</param>
    /// <param name="Oldest">When the first to end was last seen.</param>
    private sealed record Counted(BindingBucket Bucket, uint At, uint Oldest, TimeSpan IdleTimeout, (BackendKey Backend, int Sessions)[] Live)
    {
        public bool Holds(BindingBucket bucket, uint nowSeconds, TimeSpan idleTimeout) =>
            ReferenceEquals(bucket, Bucket)
            && idleTimeout == IdleTimeout
            && nowSeconds >= At
            && (ulong)Oldest + (ulong)idleTimeout.TotalSeconds >= nowSeconds;
    }
}

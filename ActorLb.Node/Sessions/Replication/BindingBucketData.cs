using System.Collections.Immutable;
using ActorLb.Shared.Sessions;
using Akka.DistributedData;

namespace ActorLb.Node.Sessions.Replication;

/// <summary>
/// One bucket as distributed data carries it: a delta CRDT around the immutable bucket that the tables read.
/// Changed only by the bucket's owner and by merging.
/// </summary>
internal sealed class BindingBucketData : IDeltaReplicatedData<BindingBucketData, BindingBucketDelta>, IEquatable<BindingBucketData>
{
    public static readonly BindingBucketData Empty = new(BindingBucket.Empty, null, null);

    /// <summary>A replica of its own, with no history here: what was read from the wire.</summary>
    public BindingBucketData(BindingBucket bucket)
        : this(bucket, null, new ReplicaChanges())
    {
    }

    private BindingBucketData(BindingBucket bucket, BindingBucketDelta? delta, ReplicaChanges? changes)
    {
        Bucket = bucket;
        Delta = delta;
        Changes = changes;
    }

    public BindingBucket Bucket { get; }

    /// <summary>What the last update changed; null where the whole bucket is to be gossiped.</summary>
    public BindingBucketDelta? Delta { get; }

    /// <summary>Shared by all successors of one replica, and no part of its content. Null for <see cref="Empty"/> alone.</summary>
    public ReplicaChanges? Changes { get; }

    IReplicatedDelta IDeltaReplicatedData.Delta => Delta!;

    BindingBucketDelta IDeltaReplicatedData<BindingBucketData, BindingBucketDelta>.Delta => Delta!;

    /// <summary>The owner's version merged in. Its pages become the replica's own where they say it all.</summary>
    public BindingBucketData Updated(BindingBucket owned, BindingBucketDelta? delta) => Successor(Bucket.Merge(owned), delta);

    /// <summary>
    /// What a peer has, merged in. The delta is only what that peer lacks: what it has need not be sent to anybody.
    /// </summary>
    public BindingBucketData Exchanged(BindingBucket peers)
    {
        BindingBucket merged = Bucket.Merge(peers);
        return Successor(merged, new BindingBucketDelta(merged.ChangedSince(peers), merged.Horizon));
    }

    public BindingBucketData Merge(BindingBucketData other) => With(Bucket.Merge(other.Bucket));

    public BindingBucketData MergeDelta(BindingBucketDelta delta) =>
        With(Bucket.With(delta.Bindings.AsSpan()).Cut(delta.Horizon));

    public BindingBucketData ResetDelta() => Delta is null ? this : new BindingBucketData(Bucket, null, Changes);

    IReplicatedData IReplicatedData.Merge(IReplicatedData other) =>
        other is BindingBucketDelta delta ? MergeDelta(delta) : Merge((BindingBucketData)other);

    IReplicatedData IDeltaReplicatedData.MergeDelta(IReplicatedDelta delta) => MergeDelta((BindingBucketDelta)delta);

    IReplicatedData IDeltaReplicatedData.ResetDelta() => ResetDelta();

    public bool Equals(BindingBucketData? other) => other is not null && Bucket.Equals(other.Bucket);

    public override bool Equals(object? obj) => Equals(obj as BindingBucketData);

    public override int GetHashCode() => Bucket.GetHashCode();

    public override string ToString() => $"{Bucket.Count} bindings since {Bucket.Horizon}";

    // The replica's own object stays where nothing changed, so that readers see by its reference that nothing did.
    private BindingBucketData With(BindingBucket bucket) =>
        ReferenceEquals(bucket, Bucket) && Delta is null ? this : Successor(bucket, null);

    private BindingBucketData Successor(BindingBucket bucket, BindingBucketDelta? delta)
    {
        if (Changes is null)
        {
            return new BindingBucketData(bucket, delta, new ReplicaChanges());
        }

        if (!ReferenceEquals(bucket, Bucket))
        {
            Changes.Raise();
        }

        return new BindingBucketData(bucket, delta, Changes);
    }
}

/// <summary>
/// Bindings to merge into a bucket, in the order in which their owner wrote them. Needs no causal delivery: the
/// bindings merge in any order.
/// </summary>
internal sealed class BindingBucketDelta(ImmutableArray<Binding> bindings, uint horizon)
    : IReplicatedDelta, IReplicatedData<BindingBucketDelta>, IEquatable<BindingBucketDelta>
{
    public ImmutableArray<Binding> Bindings { get; } = bindings;

    public uint Horizon { get; } = horizon;

    public IDeltaReplicatedData Zero => BindingBucketData.Empty;

    public BindingBucketDelta Merge(BindingBucketDelta other) =>
        new(Bindings.AddRange(other.Bindings), Math.Max(Horizon, other.Horizon));

    // Distributed data groups deltas of one key by merging them, and gives up on a group that holds its placeholder.
    IReplicatedData IReplicatedData.Merge(IReplicatedData other) =>
        other is BindingBucketDelta delta ? Merge(delta) : other;

    public bool Equals(BindingBucketDelta? other) =>
        other is not null && Horizon == other.Horizon && Bindings.AsSpan().SequenceEqual(other.Bindings.AsSpan());

    public override bool Equals(object? obj) => Equals(obj as BindingBucketDelta);

    public override int GetHashCode() => HashCode.Combine(Bindings.Length, Horizon);

    public override string ToString() => $"{Bindings.Length} bindings to merge";
}

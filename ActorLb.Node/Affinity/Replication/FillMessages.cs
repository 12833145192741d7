using System.Collections.Immutable;
using ActorLb.Shared.Sessions;

namespace ActorLb.Node.Affinity.Replication;

/// <summary>A member that just joined asks another: which buckets do you hold? Answered by <see cref="BucketsHeld"/>.</summary>
internal sealed record AskHeldBuckets
{
    public static readonly AskHeldBuckets Instance = new();

    private AskHeldBuckets()
    {
    }
}

/// <summary>The buckets that are not empty in the tables of the member that answers.</summary>
internal sealed record BucketsHeld(ImmutableArray<HeldBucket> Buckets);

/// <summary>One of them.</summary>
/// <param name="Digest">Of its content; 0 where the member is of a version that does not tell.</param>
internal readonly record struct HeldBucket(BucketId Bucket, ulong Digest);

/// <summary>A bucket was read from other members and is now in this node's distributed data. Within a node.</summary>
/// <param name="Content">What they have.</param>
internal sealed record BucketArrived(BucketId Bucket, BindingBucket Content);

/// <summary>This member has what the others have. Within a node.</summary>
/// <param name="Disagreed">Buckets that some member has otherwise than this one, or not at all.</param>
/// <param name="IsComplete">False: not everybody answered, and nobody knows what those hold.</param>
internal sealed record FillEnded(ImmutableHashSet<BucketId> Disagreed, bool IsComplete);

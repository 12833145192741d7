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

/// <summary>The buckets that are not empty at the member that answers.</summary>
internal sealed record BucketsHeld(ImmutableArray<HeldBucket> Buckets);

/// <param name="Fingerprint">That of its content; 0 where the member does not say.</param>
internal readonly record struct HeldBucket(BucketId Bucket, ulong Fingerprint);

/// <summary>Asks a member for its version of one bucket. Answered by <see cref="BucketGiven"/>.</summary>
/// <param name="Fingerprint">As it said before; comes back in the answer, whatever the bucket has become.</param>
internal sealed record GiveBucket(BucketId Bucket, ulong Fingerprint);

/// <summary>One bucket as the member that answers has it now.</summary>
internal sealed record BucketGiven(BucketId Bucket, ulong Fingerprint, BindingBucket Content);

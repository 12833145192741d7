using System.Collections.Immutable;
using ActorLb.Shared.Sessions;

namespace ActorLb.Node.Sessions.Replication;

/// <summary>A member that just joined asks another: which buckets do you hold? Answered by <see cref="BucketsHeld"/>.</summary>
internal sealed record AskHeldBuckets
{
    public static readonly AskHeldBuckets Instance = new();

    private AskHeldBuckets()
    {
    }
}

/// <summary>The buckets that are not empty at the member that answers.</summary>
/// <param name="Filled">
/// That member has what the others have, but for what is on its way: to ask one such member is to ask all of them.
/// </param>
internal sealed record BucketsHeld(ImmutableArray<HeldBucket> Buckets, bool Filled);

/// <param name="Fingerprint">That of its content; 0 where the member does not say.</param>
internal readonly record struct HeldBucket(BucketId Bucket, ulong Fingerprint);

/// <summary>Asks a member for its version of one bucket. Answered by <see cref="BucketGiven"/>.</summary>
/// <param name="Fingerprint">As it said before; comes back in the answer, whatever the bucket has become.</param>
/// <param name="Pages">The fingerprints of the asker's pages, which need not be given again; empty where it has none.</param>
internal sealed record GiveBucket(BucketId Bucket, ulong Fingerprint, ImmutableArray<ulong> Pages);

/// <summary>One bucket as the member that answers has it now.</summary>
/// <param name="Same">Pages, by their bits, that the asker has just so: they are left out of the content.</param>
internal sealed record BucketGiven(BucketId Bucket, ulong Fingerprint, BindingBucket Content, ulong Same);

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
internal sealed record BucketsHeld(ImmutableArray<BucketId> Buckets);

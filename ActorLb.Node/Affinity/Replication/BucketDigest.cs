using System.IO.Hashing;
using System.Runtime.InteropServices;
using ActorLb.Shared.Sessions;

namespace ActorLb.Node.Affinity.Replication;

/// <summary>Tells whether two members hold the same in a bucket: XXH3 over its horizon and its bindings in their order.</summary>
internal static class BucketDigest
{
    public static ulong Of(BindingBucket bucket)
    {
        var hash = new XxHash3(bucket.Horizon);
        for (int page = 0; page < BindingBucket.PageCount; page++)
        {
            hash.Append(MemoryMarshal.AsBytes(bucket.Page(page)));
        }

        // 0 says that there is none.
        return Math.Max(1, hash.GetCurrentHashAsUInt64());
    }
}

using System.Globalization;
using ActorLb.Shared.Sessions;
using Akka.DistributedData;

namespace ActorLb.Node.Sessions.Replication;

/// <summary>The name of one bucket in distributed data.</summary>
internal sealed class BindingBucketKey(BucketId bucket) : Key<BindingBucketData>(IdOf(bucket))
{
    private const string Prefix = "bindings/";

    public BucketId Bucket { get; } = bucket;

    public static string IdOf(BucketId bucket) =>
        string.Create(CultureInfo.InvariantCulture, $"{Prefix}{bucket.Pool}/{bucket.Index}");

    /// <summary>The bucket whose key this is, or null for keys of others.</summary>
    public static BucketId? Parse(string id)
    {
        int separator = id.LastIndexOf('/');
        return id.StartsWith(Prefix, StringComparison.Ordinal)
            && separator > Prefix.Length
            && int.TryParse(id.AsSpan(separator + 1), NumberStyles.None, CultureInfo.InvariantCulture, out int index)
            && index < BucketId.Count
                ? new BucketId(id[Prefix.Length..separator], index)
                : null;
    }
}

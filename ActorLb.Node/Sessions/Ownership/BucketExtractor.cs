using System.Globalization;
using ActorLb.Shared.Messages;
using ActorLb.Shared.Sessions;
using Akka.Cluster.Sharding;

namespace ActorLb.Node.Sessions.Ownership;

/// <summary>
/// Which entity and which shard a message belongs to. An entity is one bucket; buckets of the same index share a
/// shard over all pools, so that the number of shards does not grow with them.
/// </summary>
internal sealed class BucketExtractor : IMessageExtractor
{
    private const char Separator = ':';

    private static readonly string[] ShardIds =
        [.. Enumerable.Range(0, SessionBounds.Shards).Select(i => i.ToString(CultureInfo.InvariantCulture))];

    public static int ShardOf(int bucketIndex) => bucketIndex % SessionBounds.Shards;

    public string? EntityId(object message) => message is IBucketMessage m ? EntityIdOf(m.Bucket) : null;

    public object EntityMessage(object message) => message;

    public string? ShardId(object message) => message is IBucketMessage m ? ShardIds[ShardOf(m.Bucket.Index)] : null;

    public string ShardId(string entityId, object? messageHint = null) =>
        messageHint is IBucketMessage m
            ? ShardIds[ShardOf(m.Bucket.Index)]
            : ShardIds[ShardOf(Parse(entityId)?.Index ?? 0)];

    public static string EntityIdOf(BucketId bucket) =>
        string.Create(CultureInfo.InvariantCulture, $"{bucket.Pool}{Separator}{bucket.Index}");

    /// <summary>The bucket that an entity id names, or null.</summary>
    public static BucketId? Parse(string entityId)
    {
        int separator = entityId.LastIndexOf(Separator);
        return separator > 0
            && int.TryParse(entityId.AsSpan(separator + 1), NumberStyles.None, CultureInfo.InvariantCulture, out int index)
            && index < BucketId.Count
                ? new BucketId(entityId[..separator], index)
                : null;
    }
}

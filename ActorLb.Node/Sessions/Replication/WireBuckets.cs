using System.Runtime.Serialization;
using ActorLb.Node.Wire;
using ActorLb.Shared.Sessions;

namespace ActorLb.Node.Sessions.Replication;

/// <summary>A bucket's content on the wire: its horizon, and its bindings in the order of their ids. Canonical.</summary>
internal static class WireBuckets
{
    // Pages follow each other by id, so page by page is sorted.
    public static void BucketContent(this WireWriter writer, BindingBucket bucket)
    {
        writer.UInt32(bucket.Horizon);
        writer.Varint((ulong)bucket.Count);
        for (int page = 0; page < BindingBucket.PageCount; page++)
        {
            foreach (ref readonly Binding binding in bucket.Page(page))
            {
                writer.Binding(binding);
            }
        }
    }

    public static BindingBucket BucketContent(this ref WireReader reader)
    {
        uint horizon = reader.UInt32();
        return BindingBucket.FromSorted(reader.Bindings().AsSpan(), horizon);
    }

    /// <exception cref="SerializationException">A binding belongs to another bucket.</exception>
    public static BindingBucket BucketContent(this ref WireReader reader, BucketId bucket)
    {
        uint horizon = reader.UInt32();
        return BindingBucket.FromSorted(reader.BindingsOf(bucket).AsSpan(), horizon);
    }
}

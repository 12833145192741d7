using System.Collections.Immutable;
using ActorLb.Node.Affinity.TicketKeys;
using ActorLb.Node.Wire;
using ActorLb.Shared.Sessions;
using Akka.Actor;

namespace ActorLb.Node.Affinity.Replication;

/// <summary>
/// What distributed data carries of sessions and ticket keys. Replicas compare digests of these bytes: the same
/// content always gives the same ones.
/// </summary>
/// <param name="hints">Hears of every bucket of which something came.</param>
internal sealed class ReplicationSerializer(ExtendedActorSystem system, BucketHints hints)
    : WireSerializer(system, WireIdentifiers.Replication, Table)
{
    internal static readonly ImmutableArray<WireMessage> Table =
    [
        WireMessage.Of<BindingBucketData>("B", WriteBucket, ReadBucket),
        WireMessage.Of<BindingBucketDelta>(
            "BD",
            (w, m) =>
            {
                w.UInt32(m.Horizon);
                w.Bindings(m.Bindings);
            },
            (ref r) =>
            {
                uint horizon = r.UInt32();
                return new BindingBucketDelta(r.Bindings(), horizon);
            }),
        WireMessage.Of<BindingBucketKey>("BK", (w, m) => w.Bucket(m.Bucket), (ref r) => new BindingBucketKey(r.Bucket())),
        WireMessage.Of<TicketKeyData>("T", (w, m) => TicketKeyWire.Write(w, m.Ring), (ref r) => new TicketKeyData(TicketKeyWire.Read(ref r))),
        WireMessage.Of<TicketKeyDataKey>("TK", (_, _) => { }, (ref _) => TicketKeyDataKey.Instance),
    ];

    protected override void Received(object message)
    {
        SessionId? some = message switch
        {
            BindingBucketDelta { Bindings: [var first, ..] } => first.Id,
            BindingBucketData data => data.Bucket.First,
            _ => null,
        };
        if (some is { } id)
        {
            hints.Mark(BucketId.IndexOf(id));
        }
    }

    // Pages follow each other by id, so page by page is sorted.
    private static void WriteBucket(WireWriter writer, BindingBucketData data)
    {
        writer.UInt32(data.Bucket.Horizon);
        writer.Varint((ulong)data.Bucket.Count);
        for (int page = 0; page < BindingBucket.PageCount; page++)
        {
            foreach (ref readonly Binding binding in data.Bucket.Page(page))
            {
                writer.Binding(binding);
            }
        }
    }

    private static BindingBucketData ReadBucket(ref WireReader reader)
    {
        uint horizon = reader.UInt32();
        return new BindingBucketData(BindingBucket.FromSorted(reader.Bindings().AsSpan(), horizon));
    }
}

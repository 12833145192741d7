using System.Collections.Immutable;
using ActorLb.Node.Affinity.TicketKeys;
using ActorLb.Node.Wire;
using Akka.Actor;

namespace ActorLb.Node.Affinity.Replication;

/// <summary>
/// What distributed data carries of sessions and ticket keys. Replicas compare digests of these bytes: the same
/// content always gives the same ones.
/// </summary>
internal sealed class ReplicationSerializer(ExtendedActorSystem system)
    : WireSerializer(system, WireIdentifiers.Replication, Table)
{
    internal static readonly ImmutableArray<WireMessage> Table =
    [
        WireMessage.Of<BindingBucketData>("B", (w, m) => w.BucketContent(m.Bucket), (ref r) => new BindingBucketData(r.BucketContent())),
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
}

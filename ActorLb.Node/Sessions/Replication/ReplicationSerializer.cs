using System.Collections.Immutable;
using ActorLb.Engine.Sessions;
using ActorLb.Node.Sessions.TicketKeys;
using ActorLb.Node.Wire;
using Akka.Actor;

namespace ActorLb.Node.Sessions.Replication;

/// <summary>
/// What distributed data carries of sessions and ticket keys. Replicas compare digests of these bytes: the same
/// content always gives the same ones.
/// </summary>
/// <param name="clock">No horizon is taken in that is later than it shows; null: all are.</param>
internal sealed class ReplicationSerializer(ExtendedActorSystem system, SessionClock? clock = null)
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

    protected override object Received(object message) => message switch
    {
        BindingBucketData data when data.Bucket.Horizon > Now => new BindingBucketData(data.Bucket.WithHorizonBefore(Now)),
        BindingBucketDelta delta when delta.Horizon > Now => new BindingBucketDelta(delta.Bindings, 0),
        _ => message,
    };

    private uint Now => clock?.Now ?? uint.MaxValue;
}

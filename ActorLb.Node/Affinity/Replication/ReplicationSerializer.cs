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

    private static void WriteKeys(WireWriter writer, TicketKeyData data)
    {
        writer.Varint((ulong)data.Ring.Keys.Length);
        foreach (TicketKey key in data.Ring.Keys)
        {
            writer.Int64(key.CreatedAt);
            writer.Bytes(key.Secret.AsSpan());
        }
    }

    private static TicketKeyData ReadKeys(ref WireReader reader)
    {
        int count = reader.Count(sizeof(long) + 1 + TicketKey.SecretBytes);
        var keys = new List<TicketKey>(count);
        while (keys.Count < count)
        {
            long createdAt = reader.Int64();
            ReadOnlySpan<byte> secret = reader.Bytes();
            keys.Add(secret.Length == TicketKey.SecretBytes
                ? new TicketKey([.. secret], createdAt)
                : throw new SerializationException($"a ticket key of {secret.Length} bytes"));
        }

        return new TicketKeyData(TicketKeyRing.Of(keys));
    }
}

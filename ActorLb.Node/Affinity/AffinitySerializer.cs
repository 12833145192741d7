using System.Collections.Immutable;
using ActorLb.Node.Affinity.Replication;
using ActorLb.Node.Affinity.TicketKeys;
using ActorLb.Node.Wire;
using ActorLb.Shared.Backends;
using ActorLb.Shared.Messages;
using ActorLb.Shared.Sessions;
using Akka.Actor;

namespace ActorLb.Node.Affinity;

/// <summary>Messages to and from the owners of sessions, between the replicas of nodes, and about ticket keys.</summary>
internal sealed class AffinitySerializer(ExtendedActorSystem system) : WireSerializer(system, WireIdentifiers.Affinity, Table)
{
    internal static readonly ImmutableArray<WireMessage> Table =
    [
        WireMessage.Of<AdoptSessions>(
            "AS",
            (w, m) =>
            {
                w.Bucket(m.Bucket);
                w.Bindings(m.Bindings);
            },
            (ref r) =>
            {
                BucketId bucket = r.Bucket();
                return new AdoptSessions(bucket, r.BindingsOf(bucket));
            }),
        WireMessage.Of<TouchSessions>(
            "TS",
            (w, m) =>
            {
                w.Bucket(m.Bucket);
                w.Bindings(m.Bindings);
            },
            (ref r) =>
            {
                BucketId bucket = r.Bucket();
                return new TouchSessions(bucket, r.BindingsOf(bucket));
            }),
        WireMessage.Of<RebindSession>(
            "RS",
            (w, m) =>
            {
                w.Bucket(m.Bucket);
                w.Binding(m.Known);
                w.UInt64(m.Failed.Value);
            },
            (ref r) =>
            {
                BucketId bucket = r.Bucket();
                return new RebindSession(bucket, r.BindingOf(bucket), new BackendKey(r.UInt64()));
            }),
        WireMessage.Of<SessionRebound>("SR", (w, m) => w.Binding(m.Binding), (ref r) => new SessionRebound(r.Binding())),
        WireMessage.Of<SessionsKnown>(
            "SK",
            (w, m) =>
            {
                w.Bucket(m.Bucket);
                w.Bindings(m.Bindings);
            },
            (ref r) =>
            {
                BucketId bucket = r.Bucket();
                return new SessionsKnown(bucket, r.BindingsOf(bucket));
            }),
        WireMessage.Of<AskHeldBuckets>("AH", (_, _) => { }, (ref _) => AskHeldBuckets.Instance),
        WireMessage.Of<BucketsHeld>(
            "BH",
            (w, m) =>
            {
                w.Varint((ulong)m.Buckets.Length);
                foreach (BucketId bucket in m.Buckets)
                {
                    w.Bucket(bucket);
                }
            },
            (ref r) =>
            {
                var buckets = ImmutableArray.CreateBuilder<BucketId>(r.Count(2));
                while (buckets.Count < buckets.Capacity)
                {
                    buckets.Add(r.Bucket());
                }

                return new BucketsHeld(buckets.MoveToImmutable());
            }),
        .. KeyConversation.Rows,
    ];
}

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
                foreach (HeldBucket held in m.Buckets)
                {
                    w.Bucket(held.Bucket);
                }

                foreach (HeldBucket held in m.Buckets)
                {
                    w.UInt64(held.Fingerprint);
                }
            },
            (ref r) =>
            {
                var buckets = new BucketId[r.Count(2)];
                for (int i = 0; i < buckets.Length; i++)
                {
                    buckets[i] = r.Bucket();
                }

                // The first version said only the names.
                var held = ImmutableArray.CreateBuilder<HeldBucket>(buckets.Length);
                bool hasFingerprints = r.Left > 0;
                foreach (BucketId bucket in buckets)
                {
                    held.Add(new HeldBucket(bucket, hasFingerprints ? r.UInt64() : 0));
                }

                return new BucketsHeld(held.MoveToImmutable());
            }),
        WireMessage.Of<GiveBucket>(
            "GB",
            (w, m) =>
            {
                w.Bucket(m.Bucket);
                w.UInt64(m.Fingerprint);
            },
            (ref r) => new GiveBucket(r.Bucket(), r.UInt64())),
        WireMessage.Of<BucketGiven>(
            "BG",
            (w, m) =>
            {
                w.Bucket(m.Bucket);
                w.UInt64(m.Fingerprint);
                w.BucketContent(m.Content);
            },
            (ref r) =>
            {
                BucketId bucket = r.Bucket();
                ulong fingerprint = r.UInt64();
                return new BucketGiven(bucket, fingerprint, r.BucketContent(bucket));
            }),
        .. KeyConversation.Rows,
    ];
}

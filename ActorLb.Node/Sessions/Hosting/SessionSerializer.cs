using System.Collections.Immutable;
using ActorLb.Node.Sessions.Feed;
using ActorLb.Node.Sessions.Replication;
using ActorLb.Node.Sessions.TicketKeys;
using ActorLb.Node.Wire;
using ActorLb.Shared.Backends;
using ActorLb.Shared.Messages;
using ActorLb.Shared.Sessions;
using Akka.Actor;

namespace ActorLb.Node.Sessions.Hosting;

/// <summary>Messages to and from the owners of sessions, between the replicas of nodes, and about ticket keys.</summary>
internal sealed class SessionSerializer(ExtendedActorSystem system) : WireSerializer(system, WireIdentifiers.Sessions, Table)
{
    /// <summary>Of a relayed message: its kind, the length of an empty name, an index, and no bindings.</summary>
    private const int MessageBytesMin = 4;

    /// <summary>Of a pool's sessions: the length of an empty name, and no bindings.</summary>
    private const int PoolBytesMin = 2;

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
        WireMessage.Of<MoveDueSessions>("MD", (w, m) => w.Bucket(m.Bucket), (ref r) => new MoveDueSessions(r.Bucket())),
        WireMessage.Of<MoveSession>(
            "MS",
            (w, m) =>
            {
                w.Bucket(m.Bucket);
                w.Binding(m.Known);
                w.UInt64(m.From.Value);
                w.UInt64(m.To.Value);
            },
            (ref r) =>
            {
                BucketId bucket = r.Bucket();
                return new MoveSession(bucket, r.BindingOf(bucket), new BackendKey(r.UInt64()), new BackendKey(r.UInt64()));
            }),
        WireMessage.Of<SessionRebound>(
            "SR",
            (w, m) =>
            {
                w.Binding(m.Binding);
                if (!m.IsNew)
                {
                    w.Bool(true);
                }
            },
            (ref r) => new SessionRebound(r.Binding(), IsNew: r.Left == 0 || !r.Bool())),
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
        WireMessage.Of<FindSession>(
            "FS",
            (w, m) =>
            {
                w.Bucket(m.Bucket);
                w.UInt64(m.Session.High);
                w.UInt64(m.Session.Low);
            },
            (ref r) =>
            {
                BucketId bucket = r.Bucket();
                return new FindSession(bucket, r.SessionOf(bucket));
            }),
        WireMessage.Of<SessionFound>("SF", (w, m) => w.Binding(m.Binding), (ref r) => new SessionFound(r.Binding())),
        WireMessage.Of<ShareSessions>(
            "SH",
            (w, m) =>
            {
                w.Int64(m.Round);
                w.Varint((ulong)m.Pools.Length);
                foreach (PoolSessions pool in m.Pools)
                {
                    w.Text(pool.Pool);
                    w.Bindings(pool.Sessions);
                }
            },
            (ref r) =>
            {
                long round = r.Int64();
                var pools = ImmutableArray.CreateBuilder<PoolSessions>(r.Count(PoolBytesMin));
                while (pools.Count < pools.Capacity)
                {
                    pools.Add(new PoolSessions(r.Text(), r.Bindings()));
                }

                return new ShareSessions(round, pools.MoveToImmutable());
            }),
        WireMessage.Of<SessionsShared>("SC", (w, m) => w.Int64(m.Round), (ref r) => new SessionsShared(r.Int64())),
        WireMessage.Of<OwnersAnnounced>("OA", (w, m) => w.UInt64(m.Shards), (ref r) => new OwnersAnnounced(r.UInt64())),
        WireMessage.Of<SessionsRelayed>(
            "SL",
            (w, m) =>
            {
                w.Varint((ulong)m.Messages.Length);
                foreach (IBucketMessage message in m.Messages)
                {
                    w.Bool(message is AdoptSessions);
                    w.Bucket(message.Bucket);
                    w.Bindings(message.Bindings());
                }
            },
            (ref r) =>
            {
                var messages = ImmutableArray.CreateBuilder<IBucketMessage>(r.Count(MessageBytesMin));
                while (messages.Count < messages.Capacity)
                {
                    bool adopts = r.Bool();
                    BucketId bucket = r.Bucket();
                    ImmutableArray<Binding> bindings = r.BindingsOf(bucket);
                    messages.Add(adopts ? new AdoptSessions(bucket, bindings) : new TouchSessions(bucket, bindings));
                }

                return new SessionsRelayed(messages.MoveToImmutable());
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

                w.Bool(m.Filled);
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

                return new BucketsHeld(held.MoveToImmutable(), Filled: r.Left > 0 && r.Bool());
            }),
        WireMessage.Of<GiveBucket>(
            "GB",
            (w, m) =>
            {
                w.Bucket(m.Bucket);
                w.UInt64(m.Fingerprint);
                w.Varint((ulong)m.Pages.Length);
                foreach (ulong page in m.Pages)
                {
                    w.UInt64(page);
                }
            },
            (ref r) =>
            {
                BucketId bucket = r.Bucket();
                ulong fingerprint = r.UInt64();
                var pages = ImmutableArray.CreateBuilder<ulong>(r.Left > 0 ? r.Count(sizeof(ulong)) : 0);
                while (pages.Count < pages.Capacity)
                {
                    pages.Add(r.UInt64());
                }

                return new GiveBucket(bucket, fingerprint, pages.MoveToImmutable());
            }),
        WireMessage.Of<BucketGiven>(
            "BG",
            (w, m) =>
            {
                w.Bucket(m.Bucket);
                w.UInt64(m.Fingerprint);
                w.BucketContent(m.Content);
                w.UInt64(m.Same);
            },
            (ref r) =>
            {
                BucketId bucket = r.Bucket();
                ulong fingerprint = r.UInt64();
                BindingBucket content = r.BucketContent(bucket);
                return new BucketGiven(bucket, fingerprint, content, r.Left > 0 ? r.UInt64() : 0);
            }),
        .. KeyConversation.Rows,
    ];
}

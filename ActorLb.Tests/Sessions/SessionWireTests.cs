using System.Collections.Immutable;
using System.Runtime.Serialization;
using ActorLb.Engine.Sessions;
using ActorLb.Node.Sessions.Feed;
using ActorLb.Node.Sessions.Hosting;
using ActorLb.Node.Sessions.Ownership;
using ActorLb.Node.Sessions.Replication;
using ActorLb.Node.Sessions.TicketKeys;
using ActorLb.Node.Wire;
using ActorLb.Shared.Backends;
using ActorLb.Shared.Messages;
using ActorLb.Shared.Sessions;
using Akka.Actor;
using CsCheck;
using Microsoft.Extensions.Time.Testing;
using Xunit;
using static ActorLb.Tests.Sessions.SessionWorld;

namespace ActorLb.Tests.Sessions;

public sealed class SessionWireTests : IDisposable
{
    // Bucket 2 of 1024: the top ten bits of the id.
    private static readonly SessionId Id = new(0x0080_0000_0000_0001, 0x0203_0405_0607_0809);
    private static readonly BucketId Bucket = BucketId.Of("web", Id);
    private static readonly Binding Known = new(Id, new BackendKey(0xA0A1A2A3A4A5A6A7), 3, 0x66778899);
    private static readonly Binding Other = Known with { Id = new SessionId(0x0080_0000_0000_0002, 1), Version = 1 };

    private const string KnownHex = "00800000000000010203040506070809A0A1A2A3A4A5A6A70000000366778899";
    private const string OtherHex = "00800000000000020000000000000001A0A1A2A3A4A5A6A70000000166778899";

    private const string KeyHex = "0101010101010101010101010101010101010101010101010101010101010101";
    private const string ReportHex = "01" + "0000A0B1" + "0000018000000000" + "02" + "0000018000000001"
        + "01" + "0000A0B1" + "01" + "036C6233" + "02" + "0000018000000002";

    private static readonly TicketKeyRing Ring =
        TicketKeyRing.Empty.Signing(new TicketKey([.. Enumerable.Repeat((byte)1, 32)], 0x18000000000), 0x18000000001);

    private static readonly TicketKeyReport Report = new(
        [new ReportedKey(0xA0B1, 0x18000000000, TicketKeyUse.Spreading, 0x18000000001)],
        RotationPhase.Spreading,
        0xA0B1,
        [new KeyWait("lb3", KeyWaitReason.Lost, 0x18000000002)]);

    private readonly ActorSystem _system = ActorSystem.Create("wire");

    public static TheoryData<string, string> GoldenBytes => new()
    {
        { "AS", "0377656202" + "02" + KnownHex + OtherHex },
        { "TS", "0377656202" + "01" + KnownHex },
        { "RS", "0377656202" + KnownHex + "0000000000000005" },
        { "MS", "0377656202" + KnownHex + "0000000000000005" + "0000000000000006" },
        { "MD", "0377656202" },
        { "SR", KnownHex },
        { "SK", "0377656202" + "01" + OtherHex },
        { "FS", "0377656202" + KnownHex[..32] },
        { "SF", KnownHex },
        { "SH", "000000000000002A" + "02" + "03776562" + "02" + KnownHex + OtherHex + "03617069" + "00" },
        { "SC", "000000000000002A" },
        { "OA", "0000000000000005" },
        { "SL", "02" + "01" + "0377656202" + "02" + KnownHex + OtherHex + "00" + "0377656202" + "01" + KnownHex },
        { "AH", "" },
        { "BH", "02" + "0377656202" + "03776562FF07" + "0102030405060708" + "1112131415161718" + "01" },
        { "GB", "0377656202" + "0102030405060708" + "02" + "000000000000000A" + "000000000000000B" },
        { "BG", "0377656202" + "0102030405060708" + "00001000" + "02" + KnownHex + OtherHex + "000000000000000C" },
        { "B", "00001000" + "02" + KnownHex + OtherHex },
        { "BD", "00001000" + "02" + OtherHex + KnownHex },
        { "BK", "0377656202" },
        { "T", "01" + "0000018000000000" + "20" + "0101010101010101010101010101010101010101010101010101010101010101" },
        { "TK", "" },
        { "KO", "01" + "0000018000000000" + "20" + KeyHex + "01" + "01" + "0000018000000001" + "0000000000000000" },
        { "KB", "01" + "0000018000000000" + "20" + KeyHex + "01" + "01" + "0000018000000001" + "0000000000000000" },
        { "KH", "000000000000002A" + "01" + "0102030405060708" + "02" + "0102030405060708" + "0000000000000009" },
        { "KR", "01" + "036C6233" },
        { "KD", "" },
        { "KA", "01" + "0000A0B1" + ReportHex },
        { "KS", ReportHex },
    };

    public void Dispose() => _system.Dispose();

    [Theory]
    [MemberData(nameof(GoldenBytes))]
    public void A_message_has_the_bytes_that_it_always_had_and_is_read_back(string manifest, string hex)
    {
        object message = Sample(manifest);
        WireSerializer serializer = SerializerOf(manifest);

        Assert.Equal(manifest, serializer.Manifest(message));
        Assert.Equal(hex, Convert.ToHexString(serializer.ToBinary(message)));
        object read = serializer.FromBinary(Convert.FromHexString(hex), manifest);
        Assert.IsType(message.GetType(), read);
        Assert.Equal(hex, Convert.ToHexString(serializer.ToBinary(read)));
    }

    [Theory]
    [InlineData(0, 0x1000)]
    [InlineData(-1, 0)]
    public void A_horizon_later_than_now_is_not_taken_in_but_what_it_came_with_is(int secondsBefore, uint horizon)
    {
        var time = new FakeTimeProvider(DateTimeOffset.FromUnixTimeSeconds(0x1000 + secondsBefore));
        var serializer = new ReplicationSerializer((ExtendedActorSystem)_system, new SessionClock(time, TimeSpan.FromMinutes(30)));

        var data = (BindingBucketData)serializer.FromBinary(serializer.ToBinary(Sample("B")), "B");
        var delta = (BindingBucketDelta)serializer.FromBinary(serializer.ToBinary(Sample("BD")), "BD");

        Assert.Equal((horizon, 2), (data.Bucket.Horizon, data.Bucket.Count));
        Assert.Equal((horizon, 2), (delta.Horizon, delta.Bindings.Length));
    }

    [Theory]
    [MemberData(nameof(GoldenBytes))]
    public void A_message_that_was_cut_anywhere_is_refused(string manifest, string hex)
    {
        byte[] bytes = Convert.FromHexString(hex);
        foreach (int length in Enumerable.Range(0, bytes.Length).Except(EarlierVersions(manifest, bytes.Length)))
        {
            Assert.Throws<SerializationException>(() => SerializerOf(manifest).FromBinary(bytes[..length], manifest));
        }
    }

    // Cut just there it is a message of an earlier version.
    private static int[] EarlierVersions(string manifest, int length) => manifest switch
    {
        "KO" or "KB" => [1 + 8 + 1 + 32],
        "BH" => [length - 1, length - 1 - (2 * sizeof(ulong))],
        "GB" => [length - 1 - (2 * sizeof(ulong))],
        "BG" => [length - sizeof(ulong)],
        _ => [],
    };

    [Fact]
    public void What_a_member_of_the_first_version_holds_is_read_without_fingerprints()
    {
        var held = (BucketsHeld)SerializerOf("BH").FromBinary(Convert.FromHexString("02" + "0377656202" + "03776562FF07"), "BH");
        Assert.Equal<IEnumerable<HeldBucket>>([new HeldBucket(Bucket, 0), new HeldBucket(new BucketId("web", 1023), 0)], held.Buckets);
    }

    [Fact]
    public void Every_message_has_golden_bytes() =>
        Assert.Equal(
            SessionSerializer.Table.Concat(ReplicationSerializer.Table).Select(m => m.Manifest).Order(),
            GoldenBytes.Select(row => (string)row[0]).Order());

    [Theory]
    [InlineData("AS")]
    [InlineData("TS")]
    [InlineData("SK")]
    [InlineData("RS")]
    [InlineData("FS")]
    [InlineData("BG")]
    public void A_session_of_another_bucket_is_refused(string manifest)
    {
        byte[] bytes = SerializerOf(manifest).ToBinary(Sample(manifest));
        bytes[4] = 3;
        Assert.Throws<SerializationException>(() => SerializerOf(manifest).FromBinary(bytes, manifest));
    }

    [Fact]
    public void A_bucket_that_is_none_is_refused()
    {
        Assert.Equal(new BucketId("web", 1023), ((BindingBucketKey)SerializerOf("BK").FromBinary(Convert.FromHexString("03776562FF07"), "BK")).Bucket);
        Assert.Throws<SerializationException>(() => SerializerOf("BK").FromBinary(Convert.FromHexString("037765628008"), "BK"));
    }

    [Fact]
    public void A_replicated_bucket_whose_bindings_are_not_in_order_is_refused() =>
        Assert.Throws<SerializationException>(() =>
            SerializerOf("B").FromBinary(Convert.FromHexString("00001000" + "02" + OtherHex + KnownHex), "B"));

    [Fact]
    public void The_same_bindings_have_the_same_bytes_in_whatever_order_they_came() =>
        Gen.Select(GenCrowdedBinding.Array[0, 40], Gen.Int).Sample((bindings, seed) =>
        {
            Binding[] shuffled = [.. bindings];
            new Random(seed).Shuffle(shuffled);
            var inOrder = new BindingBucketData(BindingBucket.Empty.With(bindings));
            BindingBucketData asDeltas = shuffled.Aggregate(
                BindingBucketData.Empty, (data, binding) => data.MergeDelta(new BindingBucketDelta([binding], 0)));
            Assert.Equal(SerializerOf("B").ToBinary(inOrder), SerializerOf("B").ToBinary(asDeltas));
        });

    [Fact]
    public void A_replica_that_got_the_deltas_has_what_the_owner_has() =>
        GenCrowdedBinding.Array[1, 10].Array[1, 6].Sample(writes =>
        {
            SessionAffinityState owner = SessionAffinityState.Empty(new(1000, 1000));
            BindingBucketData owned = BindingBucketData.Empty;
            BindingBucketDelta? group = null;
            foreach (Binding[] write in writes)
            {
                (owner, ImmutableArray<Binding> changes) = owner.Merge([.. write]).Next.Flush();
                owned = owned.Updated(owner.Bucket, new BindingBucketDelta(changes, owner.Bucket.Horizon)).ResetDelta();
                var delta = new BindingBucketDelta(changes, 0);
                group = group?.Merge(delta) ?? delta;
            }

            Assert.Same(owner.Bucket, owned.Bucket);
            Assert.Equal(owned, ((BindingBucketData)group!.Zero).MergeDelta(group));
            Assert.Equal(owned, owned.MergeDelta(group));
        });

    [Fact]
    public void A_bucket_is_found_again_by_its_names()
    {
        Assert.Equal(Bucket, BucketExtractor.Parse(BucketExtractor.EntityIdOf(Bucket)));
        Assert.Equal(Bucket, BindingBucketKey.Parse(new BindingBucketKey(Bucket).Id));
        foreach (string foreign in new[] { "", ":", "web", "web:", "web:1024", "web:-1", ":7", "bindings/web/1024", "bindings//1", "ticket-keys" })
        {
            Assert.Null(BucketExtractor.Parse(foreign));
            Assert.Null(BindingBucketKey.Parse(foreign));
        }
    }

    [Fact]
    public void A_message_and_its_entity_are_in_the_same_shard()
    {
        var extractor = new BucketExtractor();
        for (int i = 0; i < BucketId.Count; i++)
        {
            var message = new TouchSessions(new BucketId("web", i), []);
            string entity = extractor.EntityId(message)!;
            Assert.Equal(extractor.ShardId(entity, message), extractor.ShardId(entity));
            Assert.Equal((i % 64).ToString(), extractor.ShardId(entity));
        }

        Assert.Null(extractor.EntityId("foreign"));
    }

    [Fact]
    public void Buckets_held_of_the_first_version_are_read_as_buckets_that_may_differ()
    {
        var read = (BucketsHeld)SerializerOf("BH").FromBinary(Convert.FromHexString("020377656202" + "03776562FF07"), "BH");
        Assert.Equal([new HeldBucket(Bucket, 0), new HeldBucket(new BucketId("web", 1023), 0)], read.Buckets.ToArray());
    }

    [Theory]
    [MemberData(nameof(GoldenBytes))]
    public void Fields_of_a_newer_version_at_the_end_are_ignored(string manifest, string hex)
    {
        // After the keys of its first version a ring goes on with what was agreed on about each.
        if (manifest == "T")
        {
            hex += "00" + "00" + "0000000000000000" + "0000000000000000";
        }

        object known = SerializerOf(manifest).FromBinary(Convert.FromHexString(hex), manifest);
        object newer = SerializerOf(manifest).FromBinary(Convert.FromHexString(hex + "00FFA55A0123456789"), manifest);

        Assert.Equal(
            Convert.ToHexString(SerializerOf(manifest).ToBinary(known)), Convert.ToHexString(SerializerOf(manifest).ToBinary(newer)));
    }

    [Theory]
    [InlineData("", true)]
    [InlineData("00", true)]
    [InlineData("01", false)]
    public void An_owner_of_an_earlier_version_does_not_say_whether_the_question_moved_the_session(string behind, bool isNew)
    {
        var read = (SessionRebound)SerializerOf("SR").FromBinary(Convert.FromHexString(KnownHex + behind), "SR");
        Assert.Equal(new SessionRebound(Known, isNew), read);
        Assert.Equal(KnownHex + (isNew ? "" : "01"), Convert.ToHexString(SerializerOf("SR").ToBinary(read)));
    }

    [Fact]
    public void Who_asked_for_a_key_stands_behind_what_earlier_versions_read()
    {
        var asked = new RotateTicketKeys(["lb3"]) { Who = "ci" };
        Assert.Equal("01" + "036C6233" + "026369", Convert.ToHexString(SerializerOf("KR").ToBinary(asked)));
        var read = (RotateTicketKeys)SerializerOf("KR").FromBinary(Convert.FromHexString("01" + "036C6233" + "026369"), "KR");
        Assert.Equal(("lb3", "ci"), (Assert.Single(read.Without), read.Who));
    }

    private static object Sample(string manifest) => manifest switch
    {
        "AS" => new AdoptSessions(Bucket, [Known, Other]),
        "TS" => new TouchSessions(Bucket, [Known]),
        "RS" => new RebindSession(Bucket, Known, new BackendKey(5)),
        "MS" => new MoveSession(Bucket, Known, new BackendKey(5), new BackendKey(6)),
        "MD" => new MoveDueSessions(Bucket),
        "SR" => new SessionRebound(Known),
        "SK" => new SessionsKnown(Bucket, [Other]),
        "FS" => new FindSession(Bucket, Id),
        "SF" => new SessionFound(Known),
        "SH" => new ShareSessions(42, [new PoolSessions("web", [Known, Other]), new PoolSessions("api", [])]),
        "SC" => new SessionsShared(42),
        "OA" => new OwnersAnnounced(5),
        "SL" => new SessionsRelayed([new AdoptSessions(Bucket, [Known, Other]), new TouchSessions(Bucket, [Known])]),
        "AH" => AskHeldBuckets.Instance,
        "BH" => new BucketsHeld([new HeldBucket(Bucket, 0x0102030405060708), new HeldBucket(new BucketId("web", 1023), 0x1112131415161718)], Filled: true),
        "GB" => new GiveBucket(Bucket, 0x0102030405060708, [10, 11]),
        "BG" => new BucketGiven(Bucket, 0x0102030405060708, BindingBucket.Empty.With([Other, Known]).Cut(0x1000), Same: 12),
        "B" => new BindingBucketData(BindingBucket.Empty.With([Other, Known]).Cut(0x1000)),
        "BD" => new BindingBucketDelta([Other, Known], 0x1000),
        "BK" => new BindingBucketKey(Bucket),
        "T" => new TicketKeyData(TicketKeyRing.Of([new TicketKey([.. Enumerable.Repeat((byte)1, 32)], 0x18000000000)])),
        "TK" => TicketKeyDataKey.Instance,
        "KO" => new HoldTicketKeys(Ring),
        "KB" => new BringTicketKeys(Ring),
        "KH" => new TicketKeysHeld(42, true, 0x0102030405060708, [0x0102030405060708, 9]),
        "KR" => new RotateTicketKeys(["lb3"]),
        "KD" => DescribeTicketKeys.Instance,
        "KA" => new TicketKeysRotated(RotationOutcome.Spreading, 0xA0B1, Report),
        "KS" => Report,
        _ => throw new ArgumentOutOfRangeException(nameof(manifest)),
    };

    private WireSerializer SerializerOf(string manifest) =>
        SessionSerializer.Table.Any(m => m.Manifest == manifest)
            ? new SessionSerializer((ExtendedActorSystem)_system)
            : new ReplicationSerializer((ExtendedActorSystem)_system);
}

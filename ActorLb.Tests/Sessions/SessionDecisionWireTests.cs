using System.Runtime.Serialization;
using ActorLb.Node.Sessions.Decisions;
using ActorLb.Node.Sessions.Rates;
using ActorLb.Shared.Backends;
using ActorLb.Shared.Sessions;
using Akka.Actor;
using CsCheck;
using Xunit;

namespace ActorLb.Tests.Sessions;

public sealed class SessionDecisionWireTests : IDisposable
{
    // Bucket 2 of 1024: the top ten bits of the id.
    private static readonly SessionId Id = new(0x0080_0000_0000_0001, 0x0203_0405_0607_0809);
    private static readonly Binding Known = new(Id, new BackendKey(0xA0A1A2A3A4A5A6A7), 3, 0x66778899);

    private const string IdHex = "00800000000000010203040506070809";
    private const string KnownHex = IdHex + "A0A1A2A3A4A5A6A70000000366778899";
    private const string EndedHex = IdHex + "0000000000000000FFFFFFFF66778899";

    private static readonly string[] Manifests = ["QS", "NS", "GS", "QR", "NR", "??"];

    private readonly ActorSystem _system = ActorSystem.Create("wire");

    public static TheoryData<string, string> GoldenBytes => new()
    {
        { "QS", "03776562" + IdHex },
        { "NS", "036C6231" + IdHex + "01" + "03776562" + KnownHex + "01" },
        { "GS", "0377656202" + EndedHex },
        { "QR", "" },
        { "NR", "036C6231" + "E0D403" + "01" + "03776562" + "0161" + "02" + "05" + "AC02" },
    };

    public void Dispose() => _system.Dispose();

    [Theory]
    [MemberData(nameof(GoldenBytes))]
    public void A_message_has_the_bytes_that_it_always_had_and_is_read_back(string manifest, string hex)
    {
        object message = Sample(manifest);
        Assert.Equal(manifest, Serializer.Manifest(message));
        Assert.Equal(hex, Convert.ToHexString(Serializer.ToBinary(message)));
        object read = Serializer.FromBinary(Convert.FromHexString(hex), manifest);
        Assert.IsType(message.GetType(), read);
        Assert.Equal(hex, Convert.ToHexString(Serializer.ToBinary(read)));
    }

    [Theory]
    [MemberData(nameof(GoldenBytes))]
    public void A_message_that_was_cut_anywhere_is_refused(string manifest, string hex)
    {
        byte[] bytes = Convert.FromHexString(hex);
        for (int length = 0; length < bytes.Length; length++)
        {
            Assert.Throws<SerializationException>(() => Serializer.FromBinary(bytes[..length], manifest));
        }
    }

    [Fact]
    public void Every_message_has_golden_bytes() =>
        Assert.Equal(SessionDecisionSerializer.Table.Select(m => m.Manifest).Order(), GoldenBytes.Select(row => (string)row[0]).Order());

    [Fact]
    public void Any_bytes_are_a_message_or_refused() =>
        Gen.Select(Gen.Int[0, 5].Select(i => Manifests[i]), Gen.Byte.Array[0, 80]).Sample((manifest, bytes) =>
        {
            try
            {
                object read = Serializer.FromBinary(bytes, manifest);
                Assert.Equal(read.ToString(), Serializer.FromBinary(Serializer.ToBinary(read), manifest).ToString());
            }
            catch (SerializationException)
            {
                // As it should be.
            }
        });

    [Theory]
    [InlineData("NS", "036C6231" + "FF800000000000010203040506070809" + "01" + "03776562" + KnownHex + "01")]
    [InlineData("GS", "0377656203" + EndedHex)]
    [InlineData("GS", "03776562FF7F" + EndedHex)]
    public void What_is_about_another_session_or_bucket_is_refused(string manifest, string hex) =>
        Assert.Throws<SerializationException>(() => Serializer.FromBinary(Convert.FromHexString(hex), manifest));

    [Fact]
    public void What_a_later_version_counts_beside_is_left_out()
    {
        string counts = string.Concat(Enumerable.Repeat("01", SessionCounts.Kinds + 3));
        var read = (SessionRatesAtNode)Serializer.FromBinary(
            Convert.FromHexString($"036C6231{"00"}02{"03776562"}{"0161"}{SessionCounts.Kinds + 3:X2}{counts}{"03776562"}{"0162"}{"01"}{"09"}"), "NR");
        Assert.Equal((SessionCounts.Kinds, 9), (read.Counts[0].Counts.Length, read.Counts[1].Counts[0]));
    }

    private SessionDecisionSerializer Serializer => new((ExtendedActorSystem)_system);

    private static object Sample(string manifest) => manifest switch
    {
        "QS" => new AskSession("web", Id),
        "NS" => new SessionAtNode("lb1", Id, [new KnownSession("web", Known, IsReplicated: true)]),
        "GS" => new GoBySession(BucketId.Of("web", Id), Binding.Ended(Id, 0x66778899)),
        "QR" => AskSessionRates.Instance,
        _ => new SessionRatesAtNode("lb1", TimeSpan.FromMilliseconds(60_000), [new SessionsOfBackend(new BackendName("web", "a"), [5, 300])]),
    };
}

using System.Runtime.Serialization;
using ActorLb.Engine.Certificates;
using ActorLb.Node.Dashboard;
using ActorLb.Shared.Backends;
using Akka.Actor;
using CsCheck;
using Xunit;

namespace ActorLb.Tests.Dashboard;

public sealed class FiguresWireTests : IDisposable
{
    private const int StandingBytes = 46;
    private const int FingerprintBytes = 1 + 1;

    private static readonly string[] Manifests = ["QF", "NF", "QL", "NL", "QE", "NE", "ED", "??"];

    /// <summary>Of the one that the sample has, with their count.</summary>
    private const int CertificateBytes = 1 + 2 + 2 + (2 * sizeof(long));

    private const int ReasonsBytes = 1 + 2 + 2 + 3;

    private readonly ActorSystem _system = ActorSystem.Create("wire");

    public static TheoryData<string, string> GoldenBytes => new()
    {
        { "QF", "" },
        {
            "NF", "036C6231" + "03302E31" + "0E687474703A2F2F613A383039302F" + "000001A3185C5000" + "DC0B" + "808080C801" + "07"
            + "01" + "036C6232" + "027570" + "00"
            + "01" + "03776562" + "0161" + "02" + "01" + "03742F6F" + "01" + "000001A3185C5000"
            + "01" + "03" + "03776562" + "0161" + "05" + "01" + "AC02" + "02" + "03" + "02" + "0901"
            + "01" + "0468747470" + "07"
            + "01" + "01" + "6B" + "01" + "64" + "000001A3185C5000" + "000001A3185C5000"
            + "01" + "00" + "02" + "00" + "01" + "01" + "71" + "01"
            + "01" + "036F6666" + "0164" + "000001A3185C5000" + "01" + "05" + "0170" + "000001A3185C5000" + "01" + "016D" + "01" + "016B" + "01" + "0163" + "0165" + "000001A3185C5000"
            + "0166"
        },
        { "QL", "02" + "03776562" + "00" + "0A" + "000000006B49D200" + "E802" },
        { "NL", "036C6231" + "01" + "05" + "01" + "3C00" + "4000" + "FE00" + "000001A3185C5000" },
        { "QE", "03776562" + "0161" },
        { "NE", "036C6231" + "01" + "000001A3185C5000" + "03722D31" + "00" + "F403" },
        { "ED", "10" + "000102030405060708090A0B0C0D0E0F" + "000001A3185C5000" },
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
            if ((manifest == "NL" && length == bytes.Length - sizeof(long))
                || (manifest == "NF" && bytes.Length - FingerprintBytes - length is 0 or StandingBytes or StandingBytes + ReasonsBytes or StandingBytes + ReasonsBytes + CertificateBytes))
            {
                // As older nodes send it.
                continue;
            }

            Assert.Throws<SerializationException>(() => Serializer.FromBinary(bytes[..length], manifest));
        }
    }

    [Fact]
    public void Every_message_has_golden_bytes() =>
        Assert.Equal(FiguresSerializer.Table.Select(m => m.Manifest).Order(), GoldenBytes.Select(row => (string)row[0]).Order());

    [Fact]
    public void Any_bytes_are_a_message_or_refused() =>
        Gen.Select(Gen.Int[0, 7].Select(i => Manifests[i]), Gen.Byte.Array[0, 120]).Sample((manifest, bytes) =>
        {
            try
            {
                object read = Serializer.FromBinary(bytes, manifest);
                Assert.Equal(Serializer.ToBinary(read), Serializer.ToBinary(Serializer.FromBinary(Serializer.ToBinary(read), manifest)));
            }
            catch (SerializationException)
            {
                // As it should be.
            }
        });

    [Fact]
    public void A_node_can_ask_for_a_day_and_no_more()
    {
        var asked = (AskSlots)Serializer.FromBinary(Serializer.ToBinary(new AskSlots(FigureSubject.Node, 99, 5, 1_000_000)), "QL");
        Assert.Equal((FigureSeries.CoarseSeconds, AskSlots.CountMax), (asked.Seconds, asked.Count));
    }

    [Fact]
    public void Slots_of_an_older_node_do_not_say_since_when_it_counts()
    {
        string hex = "036C6231" + "01" + "05" + "01" + "3C00" + "4000" + "FE00";
        var slots = (SlotsAtNode)Serializer.FromBinary(Convert.FromHexString(hex), "NL");
        Assert.Null(slots.Since);
        Assert.Equal(5u, Assert.Single(slots.Slots).Requests);
        Assert.Equal(hex, Convert.ToHexString(Serializer.ToBinary(slots)));
    }

    [Fact]
    public void Figures_of_an_older_node_have_no_certificates_and_no_reasons()
    {
        byte[] all = Serializer.ToBinary(Sample("NF"));
        var figures = (FiguresAtNode)Serializer.FromBinary(all[..^(CertificateBytes + ReasonsBytes + StandingBytes + FingerprintBytes)], "NF");
        Assert.Equal("http", Assert.Single(figures.Listeners).Name);
        Assert.Empty(figures.Certificates);
        Assert.Empty(Assert.Single(figures.Figures).Reasons);
    }

    [Fact]
    public void A_node_of_an_earlier_version_says_nothing_of_its_files()
    {
        byte[] bytes = Serializer.ToBinary(Sample("NF"));
        Assert.Equal(NodeStanding.Well, ((FiguresAtNode)Serializer.FromBinary(bytes[..^(StandingBytes + FingerprintBytes)], "NF")).Standing);
        Assert.Equal(5, ((FiguresAtNode)Serializer.FromBinary(bytes, "NF")).Standing.Revision!.Number);
    }

    [Fact]
    public void A_node_of_an_earlier_version_does_not_say_which_certificates_they_are()
    {
        byte[] bytes = Serializer.ToBinary(Sample("NF"));
        var older = (FiguresAtNode)Serializer.FromBinary(bytes[..^FingerprintBytes], "NF");
        Assert.Equal(("k", ""), (Assert.Single(older.Certificates).Key, older.Certificates[0].Fingerprint));
        Assert.Equal("f", Assert.Single(((FiguresAtNode)Serializer.FromBinary(bytes, "NF")).Certificates).Fingerprint);
    }

    [Fact]
    public void What_a_node_says_of_its_files_is_cut_before_it_would_not_fit_in_a_frame()
    {
        string text = new('x', 1 << 20);
        var told = ((FiguresAtNode)Sample("NF")) with { Standing = new NodeStanding { Mistakes = [.. Enumerable.Repeat(text, NodeStanding.ToldMax)], Revision = new NodeStanding.RevisionNotRun(5, text) } };
        byte[] bytes = Serializer.ToBinary(told);
        Assert.InRange(bytes.Length, 0, 100_000);
        NodeStanding read = ((FiguresAtNode)Serializer.FromBinary(bytes, "NF")).Standing;
        Assert.All(read.Mistakes.Append(read.Revision!.Problem), m => Assert.Equal(text[..NodeStandingWire.TextLengthMax] + "…", m));
    }

    private FiguresSerializer Serializer => new((ExtendedActorSystem)_system);

    private static object Sample(string manifest) => manifest switch
    {
        "QF" => AskFigures.Instance,
        "NF" => new FiguresAtNode(
            "lb1", "0.1", "http://a:8090/", At, 1500, 419430400, 7,
            [new SeenMember("lb2", "up", false)],
            [new StrainedBackend(new BackendName("web", "a"), 2, 1, "t/o", true, At)],
            [new FigureReading(new FigureSubject(SubjectKind.Backend, "web", "a"), 5, 1, 300, 2, [0, 0, 0, 9, 1]) { Reasons = [new FailureCount("", 1), new FailureCount("q", 1)] }])
        {
            Listeners = [new OpenListener("http", 7)],
            Certificates = [new CertificateInUse("k", "", "d", At) { Begins = At, Fingerprint = "f" }],
            Standing = new NodeStanding
            {
                Storage = new NodeStanding.UnwrittenFile("off", "d", At),
                Revision = new NodeStanding.RevisionNotRun(5, "p"),
                FilesAt = At,
                Mistakes = ["m"],
                NeedStart = ["k"],
                Certificates = [new NodeStanding.CertificateNotUsed("c", "e", At)],
            },
        },
        "QL" => new AskSlots(new FigureSubject(SubjectKind.Pool, "web"), 10, 1_800_000_000, 360),
        "NL" => new SlotsAtNode("lb1", [new Figure(5, 1, (Half)1, (Half)2, Half.NaN)], At),
        "QE" => new AskFailures(new BackendName("web", "a")),
        "NE" => new FailuresAtNode("lb1", [new FailureNote(At, "r-1", "", 500)]),
        _ => new DashboardSessionEnded("000102030405060708090a0b0c0d0e0f", At),
    };

    private static DateTimeOffset At => DateTimeOffset.FromUnixTimeMilliseconds(1_800_000_000_000);
}

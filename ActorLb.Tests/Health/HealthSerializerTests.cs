using ActorLb.Tests.Cluster;
using System.Runtime.Serialization;
using System.Text;
using ActorLb.Node.Health;
using ActorLb.Shared.Backends;
using ActorLb.Shared.Messages;
using Akka.Actor;
using CsCheck;
using Xunit;

namespace ActorLb.Tests.Health;

public sealed class HealthSerializerTests : ActorTest
{
    private static readonly DateTimeOffset At = new(2030, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private HealthSerializer Serializer => new((ExtendedActorSystem)Sys);

    [Fact]
    public void A_report_keeps_its_bytes()
    {
        var report = new VerdictsReported(
            "n1",
            [
                new Verdict(new("web", "a:1"), "n1", Healthy: true, "200", At),
                new Verdict(new("web", "b"), "n1", Healthy: true, "503", At) { Passed = false },
                new Verdict(new("api", "c"), "n1", Healthy: false, "", At) { Passed = true },
            ]);
        AssertGolden(
            "VR",
            "026E31" + "03"
            + "03776562" + "03613A31" + "03" + "03323030" + "000001B8DAC5B400"
            + "03776562" + "0162" + "01" + "03353033" + "000001B8DAC5B400"
            + "03617069" + "0163" + "02" + "00" + "000001B8DAC5B400",
            report);
    }

    [Fact]
    public void A_request_to_probe_keeps_its_bytes() =>
        AssertGolden("PB", "03776562" + "03613A31", new ProbeBackend(new BackendName("web", "a:1")));

    [Fact]
    public void What_is_open_at_backends_keeps_its_bytes() =>
        AssertGolden(
            "TR",
            "026E31" + "02" + "03776562" + "03613A31" + "05" + "02" + "03617069" + "0163" + "AC02" + "00",
            new TrafficReported("n1", [new OpenAtBackend(new("web", "a:1"), 5, 2), new OpenAtBackend(new("api", "c"), 300, 0)]));

    [Fact]
    public void A_report_names_the_configuration_behind_its_first_bytes() =>
        AssertGolden("TR", "026E31" + "00" + "DEADBEEF" + "00", new TrafficReported("n1", []) { Configuration = 0xDEADBEEF });

    [Fact]
    public void A_report_says_how_its_node_goes_by_drains_and_every_cut_one_is_refused_or_read()
    {
        const string Golden = "026E31" + "00" + "DEADBEEF" + "02" + "03776562" + "0161" + "03" + "AC02" + "03776562" + "0162" + "00" + "00";
        var report = new TrafficReported("n1", [])
        {
            Configuration = 0xDEADBEEF,
            Drains = [new DrainAtNode(new("web", "a"), 3, 300), new DrainAtNode(new("web", "b"), 0, 0)],
        };
        byte[] bytes = Serializer.ToBinary(report);
        Assert.Equal(Golden, Convert.ToHexString(bytes));
        var back = (TrafficReported)Serializer.FromBinary(bytes, "TR");
        Assert.Equal(report.Drains.ToArray(), back.Drains.ToArray());
        for (int length = 0; length < bytes.Length; length++)
        {
            Assert.True(Record.Exception(() => Serializer.FromBinary(bytes[..length], "TR")) is null or SerializationException);
        }
    }

    [Fact]
    public void What_a_node_knows_of_backends_keeps_its_bytes()
    {
        var known = new BackendsKnown("n1", [new KnownBackend(new("web", "a"), new Uri("http://x:81"))]);
        var leaving = new BackendsKnown("n1", [known.Backends[0] with { LeftAt = DateTimeOffset.UnixEpoch.AddHours(1) }]);
        Assert.Equal(leaving.Backends.ToArray(), ((BackendsKnown)Serializer.FromBinary(Serializer.ToBinary(leaving), "BK")).Backends.ToArray());
        byte[] bytes = Serializer.ToBinary(known);
        Assert.Equal("026E31" + "01" + "03776562" + "0161" + "0B687474703A2F2F783A3831" + "00", Convert.ToHexString(bytes));
        Assert.Equal(known.Backends.ToArray(), ((BackendsKnown)Serializer.FromBinary(bytes, "BK")).Backends.ToArray());
        for (int length = 0; length < bytes.Length; length++)
        {
            Assert.Throws<SerializationException>(() => Serializer.FromBinary(bytes[..length], "BK"));
        }
    }

    [Theory]
    [InlineData("")]
    [InlineData("x:80")]
    [InlineData("/etc/passwd")]
    [InlineData("file:///etc/passwd")]
    [InlineData("http://x:81/admin")]
    [InlineData("http://user@x:81")]
    [InlineData("dns://x:81")]
    [InlineData("http://")]
    public void What_is_no_address_of_a_backend_is_refused(string address)
    {
        byte[] text = Encoding.UTF8.GetBytes(address);
        byte[] bytes = [.. Convert.FromHexString("026E31" + "01" + "03776562" + "0161"), (byte)text.Length, .. text, 0];
        Assert.Throws<SerializationException>(() => Serializer.FromBinary(bytes, "BK"));
    }

    [Fact]
    public void A_request_to_probe_says_that_connects_fail_behind_its_first_bytes() =>
        AssertGolden("PB", "03776562" + "03613A31" + "01", new ProbeBackend(new BackendName("web", "a:1")) { ConnectsFailed = true });

    [Fact]
    public void Reports_come_back_as_they_were_sent()
    {
        Gen<Verdict> verdict = Gen.Select(
            Gen.String, Gen.String, Gen.String, Gen.Bool, Gen.Bool, (pool, id, detail, healthy, passed) =>
                new Verdict(new BackendName(pool, id), "n1", healthy, detail, At) { Passed = passed });
        verdict.Array[0, 20].Sample(verdicts =>
        {
            var back = (VerdictsReported)Serializer.FromBinary(Serializer.ToBinary(new VerdictsReported("n1", [.. verdicts])), "VR");
            Assert.Equal(verdicts, back.Verdicts);
        });
    }

    [Fact]
    public void Every_cut_report_is_refused()
    {
        byte[] bytes = Serializer.ToBinary(new VerdictsReported("n1", [new Verdict(new("web", "a"), "n1", true, "200", At)]));
        for (int length = 0; length < bytes.Length; length++)
        {
            Assert.Throws<SerializationException>(() => Serializer.FromBinary(bytes[..length], "VR"));
        }
    }

    private void AssertGolden<T>(string manifest, string hex, T message)
        where T : notnull
    {
        Assert.Equal(8103, Serializer.Identifier);
        Assert.Equal(manifest, Serializer.Manifest(message));
        Assert.Equal(hex, Convert.ToHexString(Serializer.ToBinary(message)));
        Assert.Equivalent(message, Serializer.FromBinary(Convert.FromHexString(hex), manifest), strict: true);
    }
}

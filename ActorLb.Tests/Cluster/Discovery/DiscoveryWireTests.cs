using System.Runtime.Serialization;
using ActorLb.Node.Cluster.Clocks;
using ActorLb.Node.Cluster.Discovery;
using ActorLb.Shared.Settings;
using Akka.Actor;
using Xunit;

namespace ActorLb.Tests.Cluster.Discovery;

public sealed class DiscoveryWireTests : IDisposable
{
    private const string Report = "096C6F63616C686F7374AE3F" + "02" + "02"
        + "05312E322E33" + "01" + "FFFFFFFE" + "0000000000000007"
        + "096C6F63616C686F7374" + "AE3F" + "00000005" + "0000018000000000";

    private readonly ActorSystem _system = ActorSystem.Create("wire");

    private DiscoverySerializer Serializer => new((ExtendedActorSystem)_system);

    private static ClusterReport Sample => new(
        new HostPort("localhost", 8110),
        Standing.Member,
        ClusterView.Of([new(new HostPort("localhost", 8110), 5, 0x18000000000), new(new HostPort("1.2.3", 1), -2, 7)]));

    public void Dispose() => _system.Dispose();

    [Theory]
    [InlineData("CR")]
    [InlineData("AC")]
    public void A_message_has_the_bytes_that_it_always_had_and_fields_of_a_newer_version_are_ignored(string manifest)
    {
        object message = manifest == "CR" ? Sample : new AskCluster(Sample);
        string hex = Report.Replace("05312E322E33", "05312E322E33", StringComparison.Ordinal);
        Assert.Equal(manifest, Serializer.Manifest(message));
        Assert.Equal(hex, Convert.ToHexString(Serializer.ToBinary(message)));
        Assert.Equal(message, Serializer.FromBinary(Convert.FromHexString(hex), manifest));
        Assert.Equal(message, Serializer.FromBinary(Convert.FromHexString(hex + "00FF12"), manifest));
    }

    [Theory]
    [InlineData("shop", "0473686F70")]
    [InlineData("actorlb", "")]
    public void A_cluster_with_a_name_of_its_own_tells_it_behind_what_there_always_was(string name, string hex)
    {
        ClusterReport report = Sample with { Cluster = name };
        Assert.Equal(Report + hex, Convert.ToHexString(Serializer.ToBinary(report)));
        Assert.Equal(report, Serializer.FromBinary(Convert.FromHexString(Report + hex), "CR"));
        Assert.Equal(new AskCluster(report), Serializer.FromBinary(Convert.FromHexString(Report + hex), "AC"));
    }

    [Fact]
    public void Questions_about_a_member_have_the_bytes_that_they_always_had()
    {
        var address = new HostPort("1.2.3", 8110);
        (object Message, string Manifest, string Hex)[] messages =
        [
            (new AskHeard(address, -2), "AH", "05312E322E33AE3FFFFFFFFE"),
            (new AskClock(-2), "CK", "FFFFFFFFFFFFFFFE"),
            (new ClockTold(-2, 0x18000000000), "CT", "FFFFFFFFFFFFFFFE0000018000000000"),
            (new HeardMember(address, 5, true), "HM", "05312E322E33AE3F0000000501"),
            (new HeardMember(address, 5, false), "HM", "05312E322E33AE3F0000000500"),
        ];
        foreach ((object message, string manifest, string hex) in messages)
        {
            Assert.Equal(manifest, Serializer.Manifest(message));
            Assert.Equal(hex, Convert.ToHexString(Serializer.ToBinary(message)));
            Assert.Equal(message, Serializer.FromBinary(Convert.FromHexString(hex + "07"), manifest));
            Assert.Throws<SerializationException>(() => Serializer.FromBinary(Convert.FromHexString(hex[..^2]), manifest));
        }
    }

    [Fact]
    public void A_report_that_was_cut_anywhere_is_refused()
    {
        byte[] bytes = Convert.FromHexString(Report);
        for (int length = 0; length < bytes.Length; length++)
        {
            Assert.Throws<SerializationException>(() => Serializer.FromBinary(bytes[..length], "CR"));
        }
    }

    [Theory]
    [InlineData("00AE3F0000")]
    [InlineData("01610000" + "00")]
    [InlineData("0161808004" + "0000")]
    [InlineData("0161010300")]
    [InlineData("016101027F")]
    public void A_report_that_is_none_is_refused(string hex) =>
        Assert.Throws<SerializationException>(() => Serializer.FromBinary(Convert.FromHexString(hex), "CR"));
}

using ActorLb.Tests.Cluster;
using System.Collections.Immutable;
using System.Runtime.Serialization;
using ActorLb.Node.RateLimits;
using ActorLb.Shared.Messages;
using Akka.Actor;
using CsCheck;
using Xunit;

namespace ActorLb.Tests.RateLimits;

public sealed class RateSerializerTests : ActorTest
{
    private const string Golden = "026E31" + "DEADBEEF" + "02" + "01020304" + "0102030405060708" + "A08D06" + "00000000" + "FFFFFFFFFFFFFFFF" + "FFFFFFFF0F";

    private static readonly ImmutableArray<RatePart> Parts = [new(new RateKeyId(0x01020304, 0x0102030405060708), 100_000), new(new RateKeyId(0, ulong.MaxValue), uint.MaxValue)];

    private RateSerializer Serializer => new((ExtendedActorSystem)Sys);

    [Fact]
    public void What_is_asked_for_and_what_is_given_keep_their_bytes()
    {
        Assert.Equal(Golden, Convert.ToHexString(Serializer.ToBinary(new RatesReported("n1", 0xDEADBEEF, Parts))));
        Assert.Equal(Golden, Convert.ToHexString(Serializer.ToBinary(new SharesGiven("n1", 0xDEADBEEF, Parts))));
        var reported = (RatesReported)Serializer.FromBinary(Convert.FromHexString(Golden), "RR");
        var given = (SharesGiven)Serializer.FromBinary(Convert.FromHexString(Golden), "RS");
        Assert.Equal(("n1", 0xDEADBEEF), (reported.Node, reported.View));
        Assert.Equal(("n1", 0xDEADBEEF), (given.Node, given.View));
        Assert.Equal(Parts.ToArray(), reported.Demands.ToArray());
        Assert.Equal(Parts.ToArray(), given.Shares.ToArray());
    }

    [Fact]
    public void What_a_newer_version_adds_behind_is_passed_over()
    {
        var reported = (RatesReported)Serializer.FromBinary([.. Convert.FromHexString(Golden), 1, 2, 3], "RR");
        Assert.Equal(Parts.ToArray(), reported.Demands.ToArray());
    }

    [Theory]
    [InlineData("RR")]
    [InlineData("RS")]
    public void A_message_that_was_cut_anywhere_is_refused(string manifest)
    {
        byte[] bytes = Convert.FromHexString(Golden);
        for (int length = 0; length < bytes.Length; length++)
        {
            Assert.Throws<SerializationException>(() => Serializer.FromBinary(bytes[..length], manifest));
        }
    }

    [Theory]
    [InlineData("026E31" + "00000000" + "FFFFFFFF07")]
    [InlineData("026E31" + "00000000" + "FFFFFFFFFFFFFFFFFF01")]
    [InlineData("026E31" + "00000000" + "01" + "00000000" + "0000000000000000" + "FFFFFFFFFFFFFFFFFF7F")]
    [InlineData("FFFFFFFF0F")]
    public void More_than_there_is_is_refused_and_nothing_is_reserved_for_it(string bytes) =>
        Assert.Throws<SerializationException>(() => Serializer.FromBinary(Convert.FromHexString(bytes), "RR"));

    [Fact]
    public void Whatever_bytes_come_are_read_or_refused() => Gen.Byte.Array[0, 200].Sample(bytes =>
        Assert.True(Record.Exception(() => Serializer.FromBinary(bytes, "RS")) is null or SerializationException));

    [Fact]
    public void A_part_that_is_larger_than_any_is_the_largest()
    {
        var given = (SharesGiven)Serializer.FromBinary(Convert.FromHexString("026E31" + "00000000" + "01" + "00000000" + "0000000000000000" + "FFFFFFFFFFFFFFFF7F"), "RS");
        Assert.Equal(uint.MaxValue, Assert.Single(given.Shares).Millionths);
    }

    [Fact]
    public void Another_message_is_refused() => Assert.Throws<SerializationException>(() => Serializer.FromBinary([1], "VR"));
}

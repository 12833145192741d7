using ActorLb.Tests.Cluster;
using System.Runtime.Serialization;
using System.Text;
using ActorLb.Node.Events;
using ActorLb.Node.Events.Exchange;
using Akka.Actor;
using CsCheck;
using Xunit;

namespace ActorLb.Tests.Events;

public sealed class EventSerializerTests : ActorTest
{
    private const string Told = "026E31" + "0000000000000102" + "02" + "027B7D" + "0161";
    private const string Asked = "026E31" + "13" + "6E323D30303030303030303030303030303035";
    private const string Given = "026E31" + "01" + "01" + "027B7D";

    private EventSerializer Serializer => new((ExtendedActorSystem)Sys);

    [Fact]
    public void What_is_told_keeps_its_bytes()
    {
        Assert.Equal(Told, Convert.ToHexString(Serializer.ToBinary(new EventsTold("n1", 0x102, ["{}"u8.ToArray(), "a"u8.ToArray()]))));
        var told = (EventsTold)Serializer.FromBinary(Convert.FromHexString(Told), "ET");
        Assert.Equal(("n1", 0x102, "{}|a"), (told.Node, told.Previous, string.Join('|', told.Events.Select(e => Encoding.UTF8.GetString(e.Span)))));
    }

    [Fact]
    public void What_is_asked_keeps_its_bytes()
    {
        Assert.Equal(Asked, Convert.ToHexString(Serializer.ToBinary(new AskEvents("n1", EventPositions.None.With(new EventId(5, "n2"))))));
        var asked = (AskEvents)Serializer.FromBinary(Convert.FromHexString(Asked), "EA");
        Assert.Equal(("n1", 5), (asked.Node, asked.Seen["n2"]));
    }

    [Fact]
    public void What_is_given_keeps_its_bytes()
    {
        Assert.Equal(Given, Convert.ToHexString(Serializer.ToBinary(new EventsGiven("n1", ["{}"u8.ToArray()], HasMore: true))));
        var given = (EventsGiven)Serializer.FromBinary(Convert.FromHexString(Given), "EG");
        Assert.Equal(("n1", true, 1), (given.Node, given.HasMore, given.Events.Length));
    }

    [Fact]
    public void A_node_that_has_seen_nothing_asks_for_everything()
    {
        byte[] bytes = Serializer.ToBinary(new AskEvents("n1", EventPositions.None));
        Assert.False(((AskEvents)Serializer.FromBinary(bytes, "EA")).Seen.Has(new EventId(1, "n1")));
    }

    [Theory]
    [InlineData("ET", Told)]
    [InlineData("EA", Asked)]
    [InlineData("EG", Given)]
    public void A_message_that_was_cut_anywhere_is_refused(string manifest, string golden)
    {
        byte[] bytes = Convert.FromHexString(golden);
        for (int length = 0; length < bytes.Length; length++)
        {
            Assert.Throws<SerializationException>(() => Serializer.FromBinary(bytes[..length], manifest));
        }
    }

    [Theory]
    [InlineData("ET")]
    [InlineData("EA")]
    [InlineData("EG")]
    public void Whatever_bytes_come_are_read_or_refused(string manifest) => Gen.Byte.Array[0, 200].Sample(bytes =>
        Assert.True(Record.Exception(() => Serializer.FromBinary(bytes, manifest)) is null or SerializationException));
}

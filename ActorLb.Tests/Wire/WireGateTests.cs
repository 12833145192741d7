using System.IO.Compression;
using System.Runtime.Serialization;
using ActorLb.Tests.Cluster;
using Akka.Actor;
using CsCheck;
using Google.Protobuf;
using Xunit;

namespace ActorLb.Tests.Wire;

/// <summary>The gates by themselves, in an actor system that ControlPlane started.</summary>
public sealed class WireGateTests : IAsyncLifetime
{
    private const int Containers = 6;
    private const int ReplicatedData = 11;
    private const int Replicator = 12;
    private const int Misc = 16;
    private const int Primitive = 17;

    private readonly TestNode _node = TestNode.Alone("gates");

    private Akka.Serialization.Serialization Serialization => _node.ControlPlane.System!.Serialization;

    private long Refused => _node.ControlPlane.Refusals.Count;

    public Task InitializeAsync() => _node.StartAsync();

    public Task DisposeAsync() => _node.DisposeAsync().AsTask();

    [Theory]
    [InlineData(1, "System.Uri, System")]
    [InlineData(2, "Google.Protobuf.WellKnownTypes.Any, Google.Protobuf")]
    [InlineData(3, "")]
    [InlineData(4, "System.Byte[], System.Private.CoreLib")]
    [InlineData(5, "Akka.Cluster.ClusterUserAction+Down, Akka.Cluster")]
    [InlineData(5, "Akka.Cluster.Routing.ClusterRouterPool, Akka.Cluster")]
    [InlineData(6, "System.Uri, System")]
    [InlineData(9, "A")]
    [InlineData(11, "C")]
    [InlineData(11, "e")]
    [InlineData(12, "A")]
    [InlineData(13, "EA")]
    [InlineData(15, "A")]
    [InlineData(16, "STF")]
    [InlineData(16, "PP")]
    [InlineData(16, "CF")]
    [InlineData(17, "System.String, System.Private.CoreLib")]
    [InlineData(22, "Akka.Dispatch.SysMsg.Failed, Akka")]
    [InlineData(22, "Akka.Dispatch.SysMsg.Terminate, Akka")]
    [InlineData(8100, "")]
    public void What_is_not_needed_is_refused_and_counted(int identifier, string manifest)
    {
        long before = Refused;
        Assert.Throws<SerializationException>(() => Serialization.Deserialize([], identifier, manifest));
        Assert.Equal(before + 1, Refused);
    }

    [Fact]
    public void A_message_without_a_table_does_not_leave()
    {
        var stray = new Uri("http://localhost");
        Akka.Serialization.Serializer serializer = Serialization.FindSerializerFor(stray);

        Assert.Throws<SerializationException>(() => serializer.ToBinary(stray));
        Assert.Throws<SerializationException>(() => Akka.Serialization.Serialization.ManifestFor(serializer, stray));
        var e = Assert.Throws<SerializationException>(() =>
        {
            var status = new Status.Failure(new InvalidOperationException());
            Serialization.FindSerializerFor(status).ToBinary(status);
        });
        Assert.Contains("Failure", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void What_is_needed_passes()
    {
        var identify = new Identify("who");
        Akka.Serialization.Serializer serializer = Serialization.FindSerializerFor(identify);
        Assert.Equal(Misc, serializer.Identifier);

        var back = (Identify)Serialization.Deserialize(serializer.ToBinary(identify), Misc, "ID");

        Assert.Equal("who", back.MessageId);
    }

    [Fact]
    public void Envelopes_within_envelopes_end_before_the_stack_does()
    {
        byte[] message = [];
        int identifier = Primitive;
        string manifest = "S";
        for (int depth = 0; depth < 2_000; depth++)
        {
            message = Selection(message, identifier, manifest, "x");
            identifier = Containers;
            manifest = "";
            if (depth == 3)
            {
                Assert.IsType<ActorSelectionMessage>(Serialization.Deserialize(message, identifier, manifest));
            }

            if (depth is 20 or 1_999)
            {
                byte[] nested = message;
                Assert.Throws<SerializationException>(() => Serialization.Deserialize(nested, Containers, ""));
            }
        }
    }

    [Fact]
    public void A_selection_by_pattern_is_refused()
    {
        byte[] byName = Selection([], Primitive, "S", "greeter");
        var selection = Assert.IsType<ActorSelectionMessage>(Serialization.Deserialize(byName, Containers, ""));
        Assert.IsType<SelectChildName>(Assert.Single(selection.Elements));

        byte[] byPattern = Selection([], Primitive, "S", "*", pattern: true);
        Assert.Throws<SerializationException>(() => Serialization.Deserialize(byPattern, Containers, ""));
    }

    [Theory]
    [InlineData("ActorLb.Tests.Wire.WireGateTests, ActorLb.Tests")]
    [InlineData("No.Such.Type, No.Such.Assembly")]
    [InlineData("")]
    [InlineData(null)]
    public void A_register_of_any_type_but_the_coordinators_is_refused(string? type)
    {
        byte[] register = Message(w =>
        {
            w.WriteTag(4, WireFormat.WireType.LengthDelimited);
            w.WriteBytes(ByteString.CopyFrom(Message(info =>
            {
                info.WriteTag(1, WireFormat.WireType.Varint);
                info.WriteInt32(5);
                if (type is not null)
                {
                    info.WriteTag(2, WireFormat.WireType.LengthDelimited);
                    info.WriteString(type);
                }
            })));
        });
        long before = Refused;

        Assert.Throws<SerializationException>(() => Serialization.Deserialize(register, ReplicatedData, "E"));
        Assert.Equal(before + 1, Refused);
    }

    [Fact]
    public void A_compressed_message_that_unfolds_to_far_more_than_a_frame_is_refused()
    {
        using var packed = new MemoryStream();
        using (var zip = new GZipStream(packed, CompressionLevel.Fastest, leaveOpen: true))
        {
            byte[] zeros = new byte[1 << 20];
            for (int i = 0; i < 65; i++)
            {
                zip.Write(zeros);
            }
        }

        Assert.True(packed.Length < 1 << 20);
        var e = Assert.Throws<SerializationException>(() => Serialization.Deserialize(packed.ToArray(), Replicator, "N"));
        Assert.Contains("unfold", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Random_bytes_under_any_admitted_name_are_read_or_refused_and_nothing_else()
    {
        (int Identifier, string Manifest)[] admitted =
        [
            (5, "HB"), (5, "HBR"), (5, "Akka.Cluster.GossipEnvelope, Akka.Cluster"), (5, "Akka.Cluster.GossipStatus, Akka.Cluster"),
            (5, "Akka.Cluster.InternalClusterAction+Join, Akka.Cluster"), (5, "Akka.Cluster.InternalClusterAction+Welcome, Akka.Cluster"),
            (5, "Akka.Cluster.InternalClusterAction+InitJoin, Akka.Cluster"),
            (5, "Akka.Cluster.InternalClusterAction+InitJoinAck, Akka.Cluster"),
            (6, ""), (11, "E"), (12, "H"), (12, "I"), (12, "K"), (12, "L"), (12, "M"), (12, "N"), (12, "Q"), (13, "AA"), (13, "BA"),
            (13, "BC"), (13, "BD"), (13, "BE"), (13, "BF"), (13, "BH"), (13, "BL"), (14, "A"), (16, "ID"), (16, "AID"), (16, "RWHR"),
            (17, "S"), (17, "I"), (17, "L"), (22, "Akka.Dispatch.SysMsg.Watch, Akka"),
            (22, "Akka.Dispatch.SysMsg.DeathWatchNotification, Akka"), (8199, "G"),
        ];
        Gen.Select(Gen.Int[0, admitted.Length - 1], Gen.Byte.Array[0, 60]).Sample((which, bytes) =>
        {
            try
            {
                Serialization.Deserialize(bytes, admitted[which].Identifier, admitted[which].Manifest);
            }
            catch (SerializationException)
            {
                // Refused, as it may be.
            }
        });
    }

    // SelectionEnvelope { Payload payload = 1, Selection pattern = 2 }, Payload { message, serializerId, manifest },
    // Selection { type (2 name, 3 pattern), matcher }.
    private static byte[] Selection(byte[] payload, int identifier, string manifest, string matcher, bool pattern = false) => Message(w =>
    {
        w.WriteTag(1, WireFormat.WireType.LengthDelimited);
        w.WriteBytes(ByteString.CopyFrom(Message(p =>
        {
            p.WriteTag(1, WireFormat.WireType.LengthDelimited);
            p.WriteBytes(ByteString.CopyFrom(payload));
            p.WriteTag(2, WireFormat.WireType.Varint);
            p.WriteInt32(identifier);
            p.WriteTag(3, WireFormat.WireType.LengthDelimited);
            p.WriteBytes(ByteString.CopyFromUtf8(manifest));
        })));
        w.WriteTag(2, WireFormat.WireType.LengthDelimited);
        w.WriteBytes(ByteString.CopyFrom(Message(s =>
        {
            s.WriteTag(1, WireFormat.WireType.Varint);
            s.WriteInt32(pattern ? 3 : 2);
            s.WriteTag(2, WireFormat.WireType.LengthDelimited);
            s.WriteString(matcher);
        })));
    });

    private static byte[] Message(Action<CodedOutputStream> write)
    {
        using var bytes = new MemoryStream();
        using (var writer = new CodedOutputStream(bytes, leaveOpen: true))
        {
            write(writer);
        }

        return bytes.ToArray();
    }
}

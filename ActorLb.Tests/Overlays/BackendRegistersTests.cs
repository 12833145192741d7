using ActorLb.Tests.Cluster;
using System.Runtime.Serialization;
using ActorLb.Node.Overlays;
using ActorLb.Shared.Backends;
using ActorLb.Shared.Sessions;
using ActorLb.Shared.Settings;
using Akka.Actor;
using CsCheck;
using Xunit;

namespace ActorLb.Tests.Overlays;

public sealed class BackendRegistersTests : ActorTest
{
    private static readonly DateTimeOffset At = new(2030, 1, 1, 0, 0, 0, TimeSpan.Zero);

    // What three nodes do: each writes, drops, or hears of another; so that only what can come to be is merged.
    private static readonly Gen<BackendRegisters[]> Nodes = Gen.Select(
        Gen.Int[0, 2], Gen.Int[0, 3], Gen.Int[0, 2], Gen.Int[0, 5]).Array[0, 12].Select(steps =>
    {
        BackendRegisters[] nodes = [BackendRegisters.Empty, BackendRegisters.Empty, BackendRegisters.Empty];
        ulong count = 0;
        foreach ((int node, int what, int backend, int other) in steps)
        {
            var dot = new Dot((ulong)node + 1, ++count);
            BackendName name = Name(backend);
            nodes[node] = what switch
            {
                0 => nodes[node].Without(new HashSet<BackendName> { name }, dot),
                1 => nodes[node].Merge(nodes[other % 3]),
                _ => nodes[node].With(Register(backend, (nodes[node].ByBackend.GetValueOrDefault(name)?.Version ?? 0) + 1, node, other), dot),
            };
        }

        return nodes;
    });

    private OverlaySerializer Serializer => new((ExtendedActorSystem)Sys);

    [Fact]
    public void Order_of_arrival_does_not_matter() => Nodes.Sample(nodes =>
    {
        (BackendRegisters a, BackendRegisters b, BackendRegisters c) = (nodes[0], nodes[1], nodes[2]);
        Assert.Equal(a, a.Merge(a));
        Assert.Equal(a.Merge(b), b.Merge(a));
        Assert.Equal(a.Merge(b).Merge(c), a.Merge(b.Merge(c)));
        Assert.Equal(a.Merge(b), a.Merge(b).Merge(a));
        Assert.Equal(a.Merge(b).GetHashCode(), b.Merge(a).GetHashCode());
        Assert.Equal(a.Merge(b).ByBackend, b.Merge(a).ByBackend);
    });

    [Fact]
    public void The_later_decision_on_a_backend_counts_wherever_it_was_made()
    {
        BackendRegisters first = BackendRegisters.Empty.With(Register(1, version: 1, node: 1, weight: 2), new Dot(1, 1));
        BackendRegisters second = first.With(Register(1, version: 2, node: 2, weight: 3), new Dot(2, 1));
        Assert.Equal(3, first.Merge(second).ByBackend[Name(1)].Weight);

        BackendRegisters side = first.With(Register(1, version: 2, node: 1, weight: 5), new Dot(1, 2));
        Assert.Equal(3, side.Merge(second).ByBackend[Name(1)].Weight);
    }

    [Fact]
    public void What_was_dropped_leaves_nothing_and_does_not_come_back_with_a_node_that_was_away()
    {
        BackendRegisters away = BackendRegisters.Empty.With(Register(1, version: 1, node: 1, weight: 2), new Dot(1, 1));
        BackendRegisters dropped = away.Without(new HashSet<BackendName> { Name(1) }, new Dot(2, 1));
        Assert.Empty(dropped.Written);
        Assert.Empty(dropped.Merge(away).Written);
        Assert.Empty(away.Merge(dropped).Written);
    }

    [Fact]
    public void Who_decides_again_while_another_drops_is_not_lost()
    {
        BackendRegisters before = BackendRegisters.Empty.With(Register(1, version: 1, node: 1, weight: 2), new Dot(1, 1));
        BackendRegisters dropped = before.Without(new HashSet<BackendName> { Name(1) }, new Dot(2, 1));
        BackendRegisters again = before.With(Register(1, version: 2, node: 3, weight: 4), new Dot(3, 1));
        Assert.Equal(4, dropped.Merge(again).ByBackend[Name(1)].Weight);
    }

    [Fact]
    public void A_write_is_known_with_all_that_its_node_knew()
    {
        var dot = new Dot(1, 7);
        BackendRegisters registers = BackendRegisters.Empty.With(Register(1, version: 1, node: 1, weight: 2), dot);
        Assert.True(registers.Knows(dot));
        Assert.False(registers.Knows(dot with { Count = 8 }));
        Assert.False(BackendRegisters.Empty.Knows(dot));
        Assert.True(BackendRegisters.Empty.Merge(registers).Knows(dot));
    }

    [Fact]
    public void The_runs_that_are_known_are_bounded_and_the_latest_stay()
    {
        BackendRegisters registers = BackendRegisters.Empty;
        for (ulong run = 1; run <= BackendRegisters.RunsMost + 1; run++)
        {
            registers = registers.Without(new HashSet<BackendName>(), new Dot(run, run));
        }

        Assert.Equal(BackendRegisters.RunsMost, registers.Known.Count);
        Assert.False(registers.Knows(new Dot(1, 1)));
        Assert.True(registers.Knows(new Dot(2, 2)));
    }

    [Fact]
    public void They_come_back_from_their_bytes_and_the_same_are_the_same_bytes() => Nodes.Sample(nodes =>
    {
        byte[] bytes = Serializer.ToBinary(nodes[0].Merge(nodes[1]));
        Assert.Equal(bytes, Serializer.ToBinary(nodes[1].Merge(nodes[0])));
        Assert.Equal(nodes[0].Merge(nodes[1]), Serializer.FromBinary(bytes, "BR"));
        Assert.Equal(nodes[0], OverlaySerializer.OfBytes(OverlaySerializer.ToBytes(nodes[0])));
    });

    [Fact]
    public void Registers_keep_their_bytes()
    {
        BackendRegisters registers = BackendRegisters.Empty
            .With(new BackendRegister(new BackendName("web", "a"), 1, "n1", At) { Address = new Uri("http://10.0.0.1:80"), Weight = 3 }, new Dot(1, 5))
            .With(new BackendRegister(new BackendName("web", "b"), 2, "n2", At)
            {
                Removal = new BackendRemoval(At, At, new SessionMoves(At, TimeSpan.Zero, null), 2, "n2"),
                Below = new WrittenBackend("http://10.0.0.2", 1),
            }, new Dot(2, 300));
        const string Time = "000001B8DAC5B400";
        const string Address = "0F" + "687474703A2F2F31302E302E302E31";
        const string Below = "0F" + "687474703A2F2F31302E302E302E32";
        const string Golden = "02"
            + "0000000000000001" + "05" + "03776562" + "0161" + "01" + "026E31" + Time + "03" + Address + "03"
            + "0000000000000002" + "AC02" + "03776562" + "0162" + "02" + "026E32" + Time + "3C" + Time + "02" + "026E32" + Time + Time + Below + "01"
            + "02" + "0000000000000001" + "05" + "0000000000000002" + "AC02";
        Assert.Equal(8108, Serializer.Identifier);
        Assert.Equal("BR", Serializer.Manifest(registers));
        Assert.Equal(Golden, Convert.ToHexString(Serializer.ToBinary(registers)));
        Assert.Equal(registers, Serializer.FromBinary(Convert.FromHexString(Golden), "BR"));
    }

    [Fact]
    public void A_backup_is_one_bit_more()
    {
        BackendRegisters registers = BackendRegisters.Empty.With(
            new BackendRegister(new BackendName("web", "a"), 1, "n1", At) { Address = new Uri("http://10.0.0.1:80"), IsBackup = true }, new Dot(1, 5));
        const string Head = "01" + "0000000000000001" + "05" + "03776562" + "0161" + "01" + "026E31" + "000001B8DAC5B400";
        const string Golden = Head + "41" + "0F" + "687474703A2F2F31302E302E302E31" + "01" + "0000000000000001" + "05";
        Assert.Equal(Golden, Convert.ToHexString(Serializer.ToBinary(registers)));
        Assert.Equal(registers, Serializer.FromBinary(Convert.FromHexString(Golden), "BR"));
        Assert.Throws<SerializationException>(() => Serializer.FromBinary(Convert.FromHexString(Head + "40" + "00"), "BR"));
    }

    [Fact]
    public void Cut_or_changed_bytes_are_refused_or_read_and_never_throw_anything_else()
    {
        byte[] whole = Serializer.ToBinary(BackendRegisters.Empty
            .With(Register(1, version: 1, node: 1, weight: 2), new Dot(1, 5))
            .With(Register(2, version: 9, node: 2, weight: 5), new Dot(2, 5)));
        for (int length = 0; length < whole.Length; length++)
        {
            Assert.Throws<SerializationException>(() => Serializer.FromBinary(whole[..length], "BR"));
        }

        Gen.Select(Gen.Int[0, whole.Length - 1], Gen.Byte).Sample((place, value) =>
        {
            byte[] changed = [.. whole];
            changed[place] = value;
            try
            {
                Assert.IsType<BackendRegisters>(Serializer.FromBinary(changed, "BR"));
            }
            catch (SerializationException)
            {
                // No registers.
            }
        });
    }

    [Theory]
    [InlineData("http://10.0.0.1/path", 3)]
    [InlineData("ftp://10.0.0.1", 3)]
    [InlineData("dns://web:80", 3)]
    [InlineData("http://10.0.0.1", 0)]
    [InlineData("http://10.0.0.1", 257)]
    public void What_no_operator_could_have_said_is_refused(string address, int weight)
    {
        var writer = new ActorLb.Node.Wire.WireWriter();
        writer.Varint(1);
        writer.UInt64(1);
        writer.Varint(1);
        writer.Text("web");
        writer.Text("a");
        writer.Varint(1);
        writer.Text("n1");
        writer.Time(At);
        writer.Byte(3);
        writer.Text(address);
        writer.Varint((ulong)weight);
        writer.Varint(0);
        Assert.Throws<SerializationException>(() => Serializer.FromBinary(writer.ToArray(), "BR"));
    }

    private static BackendName Name(int backend) => new("web", $"web-{backend}");

    private static BackendRegister Register(int backend, long version, int node, int weight) =>
        new(Name(backend), version, $"node-{node}", At.AddSeconds(version))
        {
            Weight = Math.Max(1, weight),
            Address = weight % 2 == 0 ? new Uri($"http://10.0.0.{backend + 1}:8080") : null,
            IsBackup = weight % 4 == 0,
            Removal = weight > 3
                ? new BackendRemoval(At, weight == 4 ? At.AddSeconds(1) : null, weight == 5 ? new SessionMoves(At, TimeSpan.Zero, null) : null, version, "node-1")
                : null,
            Below = weight % 3 == 0 ? new WrittenBackend("http://10.0.0.9:80", 7) : null,
        };
}

using ActorLb.Tests.Cluster;
using ActorLb.Node.Reloads;
using ActorLb.Node.Topologies;
using Akka.Actor;
using Xunit;

namespace ActorLb.Tests.Reloads;

public sealed class ReloadSerializerTests : ActorTest
{
    private static readonly ReloadReport Report = new("n1", ReloadOutcome.Refused, DateTimeOffset.UnixEpoch.AddSeconds(1), 1, 0xA0B0C0D0)
    {
        Changes = [new("a.b", null, "1"), new("c", "2", null)],
        NeedStart = [new("node.name", "x", "y")],
        Mistakes = [new("f.conf", 3, 4, "k", "t")],
        Warnings = ["w"],
        IsImpossible = true,
        IsTrial = true,
    };

    private ReloadSerializer Serializer => new((ExtendedActorSystem)Sys);

    [Fact]
    public void The_bytes_on_the_wire_stay_as_they_are()
    {
        Assert.Equal("01", Convert.ToHexString(Serializer.ToBinary(new ReloadFiles(true))));
        Assert.Equal(new ReloadFiles(true), Serializer.FromBinary([1], "RF"));
        Assert.Equal("01" + "026369", Convert.ToHexString(Serializer.ToBinary(new ReloadFiles(true) { Who = "ci" })));
        Assert.Equal(new ReloadFiles(true) { Who = "ci" }, Serializer.FromBinary([1, 2, 0x63, 0x69], "RF"));
        Assert.Equal(
            "026E310200000000000003E800000001A0B0C0D00302"
            + "03612E6200010131" + "016301013200"
            + "01096E6F64652E6E616D65010178010179"
            + "0106662E636F6E660304016B0174"
            + "010177",
            Convert.ToHexString(Serializer.ToBinary(new FilesReloaded(Report))));
    }

    [Fact]
    public void What_is_in_force_at_a_member_is_read_as_it_was_written()
    {
        Assert.Equal("020000000000000001A0B0C0D000000002", Convert.ToHexString(Serializer.ToBinary(new AskParts([1, 0xA0B0C0D000000002]))));
        var told = new PartsTold(
            "n2",
            0xA0B0C0D0,
            7,
            [new SettingTree("pools.web", "{ }", [new SettingLine("a", "1") { Secret = "s" }], [new SettingList("b", ["x", "y"], IsOrder: true)], [])],
            [3],
            4);
        byte[] bytes = Serializer.ToBinary(told);
        Assert.Equal(
            "026E32A0B0C0D007" + "0109706F6F6C732E776562037B207D" + "010161013101" + "73" + "010162" + "0102017801" + "79" + "0100000003" + "04",
            Convert.ToHexString(bytes));
        Assert.Equal(bytes, Serializer.ToBinary(Serializer.FromBinary(bytes, "RS")));
    }

    [Fact]
    public void A_report_is_read_as_it_was_written()
    {
        var read = (FilesReloaded)Serializer.FromBinary(Serializer.ToBinary(new FilesReloaded(Report)), "RR");
        Assert.Equal(Report.Changes.AsEnumerable(), read.Report.Changes);
        Assert.Equal(Report.NeedStart.AsEnumerable(), read.Report.NeedStart);
        Assert.Equal(Report.Mistakes.AsEnumerable(), read.Report.Mistakes);
        Assert.Equal(Report.Warnings.AsEnumerable(), read.Report.Warnings);
        Assert.Equal(
            (Report.Node, Report.Outcome, Report.At, Report.Before, Report.After, Report.IsImpossible, Report.IsTrial),
            (read.Report.Node, read.Report.Outcome, read.Report.At, read.Report.Before, read.Report.After, read.Report.IsImpossible, read.Report.IsTrial));
    }

    [Fact]
    public void What_is_told_to_another_node_is_bounded()
    {
        var huge = Report with
        {
            Changes = [.. Enumerable.Range(0, 10_000).Select(i => new SettingDifference(new string('k', 5000), null, new string('v', 5000)))],
            Mistakes = [.. Enumerable.Repeat(new ReloadMistake(new string('f', 5000), 1, 1, "k", new string('t', 5000)), 10_000)],
        };
        byte[] bytes = Serializer.ToBinary(new FilesReloaded(huge));
        Assert.True(bytes.Length < 200_000, $"{bytes.Length} bytes");
        Assert.Equal(ReloadSerializer.EntriesMax, ((FilesReloaded)Serializer.FromBinary(bytes, "RR")).Report.Changes.Length);
    }
}

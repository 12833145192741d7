using System.Collections.Immutable;
using System.Runtime.Serialization;
using ActorLb.Node.Cluster.Clocks;
using ActorLb.Node.Configuration.Sections;
using ActorLb.Node.Wire;
using ActorLb.Shared.Settings;
using Akka.Actor;

namespace ActorLb.Node.Cluster.Discovery;

/// <summary>Questions and answers between nodes that look for each other.</summary>
internal sealed class DiscoverySerializer(ExtendedActorSystem system) : WireSerializer(system, WireIdentifiers.Cluster, Table)
{
    /// <summary>Far more than a cluster has; what claims to be larger is not ours.</summary>
    private const int MembersMax = 1000;

    /// <summary>The fewest bytes of a member: host, port, uid, since.</summary>
    private const int MemberBytesMin = 1 + 1 + sizeof(int) + sizeof(long);

    internal static readonly ImmutableArray<WireMessage> Table =
    [
        WireMessage.Of<AskCluster>("AC", (w, m) => Write(w, m.Asker), (ref r) => new AskCluster(Read(ref r))),
        WireMessage.Of<ClusterReport>("CR", Write, Read),
        WireMessage.Of<AskHeard>("AH", (w, m) => Write(w, m.Address, m.Uid), (ref r) => new AskHeard(ReadAddress(ref r), ReadUid(ref r))),
        WireMessage.Of<HeardMember>("HM", Write, (ref r) => new HeardMember(ReadAddress(ref r), ReadUid(ref r), r.Byte() != 0)),
        WireMessage.Of<AskClock>("CK", (w, m) => w.Int64(m.Asked), (ref r) => new AskClock(r.Int64())),
        WireMessage.Of<ClockTold>(
            "CT",
            (w, m) =>
            {
                w.Int64(m.Asked);
                w.Int64(m.Wall);
            },
            (ref r) => new ClockTold(r.Int64(), r.Int64())),
    ];

    private static void Write(WireWriter writer, ClusterReport report)
    {
        Write(writer, report.Address);
        writer.Byte((byte)report.Standing);
        writer.Varint((ulong)report.View.Members.Length);
        foreach (ClusterMember member in report.View.Members)
        {
            Write(writer, member.Address, member.Uid);
            writer.Int64(member.Since);
        }

        // Nothing for the default name: reports of before there were names have it.
        if (report.Cluster != ClusterSettings.DefaultName)
        {
            writer.Text(report.Cluster);
        }
    }

    private static ClusterReport Read(ref WireReader reader)
    {
        HostPort address = ReadAddress(ref reader);
        var standing = (Standing)reader.Byte();
        int count = reader.Count(MemberBytesMin);
        if (!Enum.IsDefined(standing) || count > MembersMax)
        {
            throw new SerializationException($"no report: standing {standing}, {count} members");
        }

        var members = new ClusterMember[count];
        for (int i = 0; i < count; i++)
        {
            members[i] = new ClusterMember(ReadAddress(ref reader), ReadUid(ref reader), reader.Int64());
        }

        string cluster = reader.Left > 0 ? reader.Text() : "";
        if (cluster.Length > ClusterReader.ClusterNameLengthMax)
        {
            throw new SerializationException($"no name of a cluster: {cluster.Length} characters");
        }

        return new ClusterReport(address, standing, ClusterView.Of(members))
        {
            Cluster = cluster.Length == 0 ? ClusterSettings.DefaultName : cluster,
        };
    }

    private static void Write(WireWriter writer, HeardMember answer)
    {
        Write(writer, answer.Address, answer.Uid);
        writer.Byte(answer.Hears ? (byte)1 : (byte)0);
    }

    private static void Write(WireWriter writer, HostPort address, int uid)
    {
        Write(writer, address);
        writer.UInt32(unchecked((uint)uid));
    }

    private static int ReadUid(ref WireReader reader) => unchecked((int)reader.UInt32());

    private static void Write(WireWriter writer, HostPort address)
    {
        writer.Text(address.Host);
        writer.Varint((ulong)address.Port);
    }

    private static HostPort ReadAddress(ref WireReader reader)
    {
        string host = reader.Text();
        ulong port = reader.Varint();
        return host.Length is > 0 and <= 255 && port is > 0 and <= 65535
            ? new HostPort(host, (int)port)
            : throw new SerializationException($"no address: {host.Length} characters, port {port}");
    }
}

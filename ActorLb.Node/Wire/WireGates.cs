using Akka.Actor;
using Akka.Cluster.Serialization;
using Akka.Cluster.Sharding.Serialization;
using Akka.Cluster.Tools.Singleton.Serialization;
using Akka.Configuration;
using Akka.Dispatch.SysMsg;
using Akka.DistributedData.Serialization;
using Akka.Remote.Serialization;
using Akka.Util;
using Google.Protobuf;

namespace ActorLb.Node.Wire;

/// <summary>Joining, gossip and heartbeats. Not: commands to leave or to be downed, and routers.</summary>
internal sealed class ClusterGate(ExtendedActorSystem system)
    : WireGate(system, 5, s => new ClusterMessageSerializer(s), Manifests(
        "HB",
        "HBR",
        "Akka.Cluster.InternalClusterAction+InitJoin, Akka.Cluster",
        "Akka.Cluster.InternalClusterAction+InitJoinAck, Akka.Cluster",
        "Akka.Cluster.InternalClusterAction+InitJoinNack, Akka.Cluster",
        "Akka.Cluster.InternalClusterAction+Join, Akka.Cluster",
        "Akka.Cluster.InternalClusterAction+Welcome, Akka.Cluster",
        "Akka.Cluster.InternalClusterAction+ExitingConfirmed, Akka.Cluster",
        "Akka.Cluster.GossipStatus, Akka.Cluster",
        "Akka.Cluster.GossipEnvelope, Akka.Cluster"));

/// <summary>Messages to an actor by its path, which the cluster itself uses. Not: to all actors that match a pattern.</summary>
internal sealed class SelectionGate(ExtendedActorSystem system)
    : WireGate(system, 6, s => new MessageContainerSerializer(s), Manifests(""))
{
    protected override void Check(object message)
    {
        if (message is ActorSelectionMessage selection && Array.Exists(selection.Elements, e => e is SelectChildPattern))
        {
            throw Refused("a selection by pattern");
        }
    }
}

/// <summary>
/// The one CRDT of Akka's that is in use: the register with the shard coordinator's state. Its type parameter is on
/// the wire by name, and Akka would load whatever is named: so the name is checked first.
/// </summary>
internal sealed class ReplicatedDataGate(ExtendedActorSystem system)
    : WireGate(system, 11, s => new ReplicatedDataSerializer(s), Manifests("E"))
{
    private const string CoordinatorState = "Akka.Cluster.Sharding.ShardCoordinator+CoordinatorState, Akka.Cluster.Sharding";

    // LWWRegister { …, TypeDescriptor typeInfo = 4 }, TypeDescriptor { ValType type = 1, string typeName = 2 }.
    private const uint TypeInfoTag = (4 << 3) | (uint)WireFormat.WireType.LengthDelimited;
    private const uint TypeNameTag = (2 << 3) | (uint)WireFormat.WireType.LengthDelimited;

    protected override void Check(byte[] bytes, string manifest)
    {
        bool named = false;
        using var register = new CodedInputStream(bytes);
        while (register.ReadTag() is var tag and not 0)
        {
            if (tag != TypeInfoTag)
            {
                register.SkipLastField();
                continue;
            }

            using var info = register.ReadBytes().CreateCodedInput();
            while (info.ReadTag() is var field and not 0)
            {
                if (field != TypeNameTag)
                {
                    info.SkipLastField();
                    continue;
                }

                string name = info.ReadString();
                named = name == CoordinatorState ? true : throw Refused($"a register of {name}");
            }
        }

        if (!named)
        {
            throw Refused("a register of no known type");
        }
    }
}

/// <summary>Replication between replicators. Not: their local interface (get, subscribe, changed).</summary>
internal sealed class ReplicatorGate(ExtendedActorSystem system)
    : WireGate(system, 12, s => new ReplicatorMessageSerializer(s), Manifests(
        "H", // DataEnvelope
        "I", "J", "O", // Write, WriteAck, WriteNack
        "K", "L", // Read, ReadResult
        "M", "N", // Status, Gossip
        "Q", "R")); // DeltaPropagation, DeltaNack

/// <summary>Coordinator and regions. Not: remembered entities, statistics and queries.</summary>
internal sealed class ShardingGate(ExtendedActorSystem system)
    : WireGate(system, 13, s => new ClusterShardingMessageSerializer(s), Manifests(
        "AA", // CoordinatorState
        "BA", "BB", "BC", // Register, RegisterProxy, RegisterAck
        "BD", "BE", "BF", "BG", // GetShardHome, ShardHome, HostShard, ShardStarted
        "BH", "BI", "BJ", "BK", // BeginHandOff, its ack, HandOff, ShardStopped
        "BL", "BM")); // GracefulShutdownReq, RegionStopped

/// <summary>Handing the coordinator over: HandOverToMe, in progress, done, and TakeOverFromMe.</summary>
internal sealed class SingletonGate(ExtendedActorSystem system)
    : WireGate(system, 14, s => new ClusterSingletonMessageSerializer(s), Manifests("A", "B", "C", "D"));

/// <summary>
/// Who is there, and heartbeats of death watch. Not: poison pills, kills, statuses (they carry exceptions), scopes,
/// configurations and routers.
/// </summary>
internal sealed class MiscGate(ExtendedActorSystem system)
    : WireGate(system, 16, s => new MiscMessageSerializer(s), Manifests("ID", "AID", "RWHB", "RWHR"));

/// <summary>Text and integers, by their short names: the correlation of Identify.</summary>
internal sealed class PrimitiveGate(ExtendedActorSystem system, Config settings)
    : WireGate(system, 17, s => new PrimitiveSerializers(s, settings), Manifests("S", "I", "L"));

/// <summary>Death watch. Not: creation, supervision and failures (they carry exceptions), suspension and termination.</summary>
internal sealed class SystemMessageGate(ExtendedActorSystem system)
    : WireGate(system, 22, s => new SystemMessageSerializer(s), Types(typeof(Watch), typeof(Unwatch), typeof(DeathWatchNotification)))
{
    private static IEnumerable<KeyValuePair<string, Type?>> Types(params IEnumerable<Type> types) =>
        types.Select(t => KeyValuePair.Create(t.TypeQualifiedName(), (Type?)t));
}

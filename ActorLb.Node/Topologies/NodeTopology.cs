using ActorLb.Engine.Lanes;
using ActorLb.Shared.Settings;

namespace ActorLb.Node.Topologies;

/// <summary>The lanes of this node, and its data plane by them, as what goes by the topology.</summary>
internal sealed class NodeTopology(LaneGroup lanes) : ITopologyTarget
{
    public IPreparedTopology Prepare(Topology next) => new Prepared(lanes.Prepare(next));

    private sealed class Prepared(PreparedLanes prepared) : IPreparedTopology
    {
        public Task CommitAsync() => prepared.CommitAsync();

        public ValueTask DisposeAsync() => prepared.DisposeAsync();
    }
}

using ActorLb.Engine;
using ActorLb.Shared.Settings;

namespace ActorLb.Node.Topologies;

/// <summary>The data plane of this node as what goes by the topology.</summary>
internal sealed class NodeTopology(DataPlane plane) : ITopologyTarget
{
    public IPreparedTopology Prepare(Topology next) => new Prepared(plane, next);

    private sealed class Prepared(DataPlane plane, Topology next) : IPreparedTopology
    {
        public Task CommitAsync()
        {
            if (next != plane.Topology)
            {
                plane.Apply(next);
            }

            return Task.CompletedTask;
        }

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}

using ActorLb.Engine;
using ActorLb.Engine.Listeners;
using ActorLb.Shared.Settings;

namespace ActorLb.Node.Topologies;

/// <summary>The data plane of this node and its lanes, as what goes by the topology.</summary>
internal sealed class NodeTopology(DataPlane plane, LaneGroup lanes) : ITopologyTarget
{
    // Before the lanes serve they begin with what was written: until then only backends are decided about.
    public IPreparedTopology Prepare(Topology next) => new Prepared(plane, next, lanes.Endpoints.IsEmpty ? null : lanes.Prepare(next));

    private sealed class Prepared(DataPlane plane, Topology next, PreparedLanes? lanes) : IPreparedTopology
    {
        // First where requests go, then who is let in: a new listener must find its routes.
        public async Task CommitAsync()
        {
            Topology before = plane.Topology;
            if (next != before)
            {
                plane.Apply(next);
            }

            try
            {
                await (lanes?.CommitAsync() ?? Task.CompletedTask);
            }
            catch when (next != before)
            {
                plane.Apply(before);
                throw;
            }
        }

        public ValueTask DisposeAsync() => lanes?.DisposeAsync() ?? ValueTask.CompletedTask;
    }
}

using ActorLb.Shared.Settings;

namespace ActorLb.Node.Topologies;

/// <summary>What goes by the topology: the data plane and its lanes. One change at a time.</summary>
internal interface ITopologyTarget
{
    /// <summary>
    /// Proves that this node can run it: binds what is to be bound, opens what is named. Nothing that a client could notice has
    /// changed. The caller disposes of it, which gives back what was not committed.
    /// </summary>
    /// <exception cref="Exception">It cannot; the message names the key, and nothing was changed.</exception>
    IPreparedTopology Prepare(Topology next);
}

/// <summary>A topology that this node could run.</summary>
internal interface IPreparedTopology : IAsyncDisposable
{
    /// <summary>Goes over to it. Complete when nothing new is served by what was before.</summary>
    /// <exception cref="Exception">It could not be done after all; what was before is in force.</exception>
    Task CommitAsync();
}

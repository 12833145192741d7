using System.Collections.Immutable;
using ActorLb.Shared.Backends;

namespace ActorLb.Shared.Messages;

/// <summary>What is open at one backend from one node.</summary>
/// <param name="InFlight">Requests that have their place there, tunnels included.</param>
/// <param name="Tunnels">WebSockets and other connections that changed their protocol.</param>
public sealed record OpenAtBackend(BackendName Backend, int InFlight, int Tunnels);

/// <summary>A drain as one node goes by it, at the moment of its report.</summary>
/// <param name="Version">Of the operator's decision that is in force there; 0: a name led elsewhere.</param>
/// <param name="Sessions">That live at the backend, as its table has them; 0 where it is down, and they move as they come.</param>
public sealed record DrainAtNode(BackendName Backend, long Version, int Sessions);

/// <summary>
/// All that is open at backends from one node, without those that have nothing. To all nodes, every second, and more often
/// while something drains.
/// </summary>
public sealed record TrafficReported(string Node, ImmutableArray<OpenAtBackend> Open)
{
    /// <summary>The fingerprint of the node's routes and pools; null where it does not tell.</summary>
    public uint? Configuration { get; init; }

    /// <summary>How the node goes by the drains that it knows of, also of backends that it has not. Only beside a fingerprint.</summary>
    public ImmutableArray<DrainAtNode> Drains { get; init; } = [];
}

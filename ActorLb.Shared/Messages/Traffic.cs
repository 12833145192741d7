using System.Collections.Immutable;
using ActorLb.Shared.Backends;

namespace ActorLb.Shared.Messages;

/// <summary>What is open at one backend from one node.</summary>
/// <param name="InFlight">Requests that have their place there, tunnels included.</param>
/// <param name="Tunnels">WebSockets and other connections that changed their protocol.</param>
public sealed record OpenAtBackend(BackendName Backend, int InFlight, int Tunnels);

/// <summary>All that is open at backends from one node, without those that have nothing. To all nodes, every second.</summary>
public sealed record TrafficReported(string Node, ImmutableArray<OpenAtBackend> Open)
{
    /// <summary>The fingerprint of the node's routes and pools; null where it does not tell.</summary>
    public uint? Configuration { get; init; }
}

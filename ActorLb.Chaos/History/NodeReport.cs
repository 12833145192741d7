using System.Collections.Immutable;

namespace ActorLb.Chaos.History;

/// <summary>What one node's admin API said at one moment.</summary>
/// <param name="At">Seconds since the run began.</param>
/// <param name="Members">Addresses of the nodes in its cluster that are up and reachable, in order.</param>
/// <param name="Others">Members that are not up, or not reachable.</param>
/// <param name="Sessions">Bound sessions in its table.</param>
public sealed record NodeReport(
    double At, string Node, ImmutableArray<string> Members, int Others, ImmutableArray<BackendReport> Backends, int Sessions)
{
    /// <summary>Whether it says the same as another, but for the time.</summary>
    public bool SaysAs(NodeReport other) =>
        Node == other.Node && Others == other.Others && Sessions == other.Sessions
        && Members.AsSpan().SequenceEqual(other.Members.AsSpan()) && Backends.AsSpan().SequenceEqual(other.Backends.AsSpan());
}

/// <param name="Id">Its id in the pool.</param>
/// <param name="State">unknown, up or down.</param>
/// <param name="Operator">ready, draining or maintenance.</param>
public sealed record BackendReport(string Id, string State, string Operator, int Sessions);

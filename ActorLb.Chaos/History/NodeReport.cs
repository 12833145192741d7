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
    /// <summary>When it was asked: what it says was so at some moment between this and <see cref="At"/>.</summary>
    public double AskedAt { get; init; } = At;

    /// <summary>What it runs, and what it says of the others; null where it did not tell.</summary>
    public NodeDrift? Drift { get; init; }

    /// <summary>Whether it says the same as another, but for the time.</summary>
    public bool SaysAs(NodeReport other) =>
        Node == other.Node && Others == other.Others && Sessions == other.Sessions && (Drift?.SaysAs(other.Drift) ?? other.Drift is null)
        && Members.AsSpan().SequenceEqual(other.Members.AsSpan()) && Backends.AsSpan().SequenceEqual(other.Backends.AsSpan());
}

/// <summary>What a node says that it runs, and that the members of its cluster that are up and reachable do.</summary>
/// <param name="Called">Its name in the cluster.</param>
/// <param name="Fingerprint">Of what is in force there.</param>
/// <param name="Alike">Names of members that run the same.</param>
/// <param name="Differing">Names of members that run something else.</param>
public sealed record NodeDrift(string Called, string Fingerprint, ImmutableArray<string> Alike, ImmutableArray<string> Differing)
{
    /// <summary>Whether it says the same as another.</summary>
    public bool SaysAs(NodeDrift? other) =>
        other is not null && Called == other.Called && Fingerprint == other.Fingerprint
        && Alike.AsSpan().SequenceEqual(other.Alike.AsSpan()) && Differing.AsSpan().SequenceEqual(other.Differing.AsSpan());
}

/// <param name="Id">Its id in the pool.</param>
/// <param name="State">unknown, up or down.</param>
/// <param name="Operator">ready, draining or maintenance.</param>
public sealed record BackendReport(string Pool, string Id, string State, string Operator, int Sessions);

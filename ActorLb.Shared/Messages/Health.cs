using System.Collections.Immutable;
using ActorLb.Shared.Backends;

namespace ActorLb.Shared.Messages;

/// <summary>One observer's opinion of one backend.</summary>
/// <param name="Node">The observer's node name.</param>
/// <param name="Detail">Why, in a few words: "200", "503", "timed out", "connection refused".</param>
/// <param name="At">When its last probe ended, by the observer's clock.</param>
public sealed record Verdict(BackendName Backend, string Node, bool Healthy, string Detail, DateTimeOffset At)
{
    /// <summary>Whether that last probe passed. Differs from <see cref="Healthy"/> while rise or fall is being counted.</summary>
    public bool Passed { get; init; } = Healthy;
}

/// <summary>All current verdicts of one node, to the health boards of all nodes: on every change and every second.</summary>
public sealed record VerdictsReported(string Node, ImmutableArray<Verdict> Verdicts);

/// <summary>Probe this backend now: requests to it fail at a node. To all of its observers.</summary>
public sealed record ProbeBackend(BackendName Backend)
{
    /// <summary>Connects fail there, and sessions wait for the verdict.</summary>
    public bool ConnectsFailed { get; init; }
}

/// <summary>This node's own circuit to a backend opened or closed. Within a node, to its routers.</summary>
public sealed record CircuitChanged(BackendName Backend, bool Open);

/// <summary>What the majority of the reachable observers says. Within a node, from its board to its routers.</summary>
public sealed record BackendHealthChanged(
    BackendName Backend, BackendHealth Health, DateTimeOffset Since, ImmutableArray<Verdict> Verdicts);

using ActorLb.Chaos.History;

namespace ActorLb.Chaos.Checking;

/// <summary>Invariant 5: a node that runs answers, and keeps what is open, whatever becomes of its actors and of the other nodes. Partitions: invariant 6; changes: invariant 11.</summary>
public sealed class AlwaysServedInvariant : IInvariant
{
    public int Number => 5;

    public string Name => "always served";

    public Findings Check(RunHistory history, SessionWalks walks) => new(
        history.Attempts.Length + history.Tunnels.Length,
        [.. ServedRequests.Unexcused(history, walks)
            .Where(a => !history.Faults.Any(f => (f.Kind.Splits() || f.Kind.IsChange()) && f.Touches(a)))
            .Select(a => (a.Sent, $"failed: {a}", a.Session))
            .Concat(TunnelAllowances.Broken(history, walks, Number))]);
}

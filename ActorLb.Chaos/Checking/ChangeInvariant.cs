using ActorLb.Chaos.History;

namespace ActorLb.Chaos.Checking;

/// <summary>
/// Invariant 11: no change costs a client: while operators change what the nodes run, no request fails, no session moves
/// whose backend stays, and no WebSocket or event stream ends but those whose backend leaves. Beside it: none ends while nothing
/// happens.
/// </summary>
public sealed class ChangeInvariant : IInvariant
{
    public int Number => 11;

    public string Name => "no change costs a client";

    public Findings Check(RunHistory history, SessionWalks walks)
    {
        FaultSpan[] changes = [.. history.Faults.Where(f => f.Kind.IsChange())];
        var broken = new List<(double, string, string?)>();
        broken.AddRange(ServedRequests.Unexcused(history, walks)
            .Where(a => changes.Any(f => f.Touches(a)))
            .Select(a => (a.Sent, $"failed while nothing but settings changed: {a}", a.Session)));
        broken.AddRange(walks.Moves
            .Where(m => m.Why == MoveReason.Strayed && changes.Any(f => f.Touches(m.Attempt)))
            .Select(m => (m.Attempt.Sent, $"the session left {m.From}, which stayed, for {m.To} while nothing but settings changed", (string?)m.Session)));
        broken.AddRange(TunnelAllowances.Broken(history, walks, Number));
        return new Findings(changes.Sum(f => (long)history.Attempts.Count(f.Touches)) + history.Tunnels.Length, broken);
    }
}

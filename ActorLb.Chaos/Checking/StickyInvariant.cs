using ActorLb.Chaos.History;

namespace ActorLb.Chaos.Checking;

/// <summary>Invariant 2: while its backend is well, a session stays there, whichever node is asked. During changes: invariant 11.</summary>
public sealed class StickyInvariant : IInvariant
{
    public int Number => 2;

    public string Name => "sticky";

    public Findings Check(RunHistory history, SessionWalks walks) => new(
        walks.Sessions.Sum(s => (long)walks.RequestsOf(s).Count),
        [.. walks.Moves.Where(m => m.Why == MoveReason.Strayed && !history.Faults.Any(f => f.Kind.IsChange() && f.Touches(m.Attempt))).Select(m =>
            (m.Attempt.Sent, $"the session left {m.From}, which was well, for {m.To}", (string?)m.Session))]);
}

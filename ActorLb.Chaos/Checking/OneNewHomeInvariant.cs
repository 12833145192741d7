using ActorLb.Chaos.History;

namespace ActorLb.Chaos.Checking;

/// <summary>Invariant 3: a session whose backend is gone moves once, to one place, and stays there.</summary>
public sealed class OneNewHomeInvariant : IInvariant
{
    public int Number => 3;

    public string Name => "one new home";

    public Findings Check(RunHistory history, SessionWalks walks) => new(
        walks.Moves.Count(m => m.Why is MoveReason.HomeGone or MoveReason.SecondHome or MoveReason.WentBack),
        [.. walks.Moves.Where(m => m.Why is MoveReason.SecondHome or MoveReason.WentBack).Select(m => (
            m.Attempt.Sent,
            m.Why == MoveReason.WentBack
                ? $"the session went back from {m.From}, which was well, to {m.To}"
                : $"the session had moved to {m.From}, which was well, and moved again, to {m.To}",
            (string?)m.Session))]);
}

using ActorLb.Chaos.History;

namespace ActorLb.Chaos.Checking;

/// <summary>One of the design's invariants, as a pure function of a history.</summary>
public interface IInvariant
{
    /// <summary>Its number in docs/chaos.md.</summary>
    int Number { get; }

    string Name { get; }

    /// <param name="walks">How each session of the history went.</param>
    Findings Check(RunHistory history, SessionWalks walks);
}

/// <param name="Checked">How many facts were looked at.</param>
/// <param name="Broken">When, what, and whose session.</param>
public sealed record Findings(long Checked, IReadOnlyList<(double At, string What, string? Session)> Broken);

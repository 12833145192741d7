using System.Collections.Immutable;
using ActorLb.Chaos.History;

namespace ActorLb.Chaos.Checking;

/// <summary>Something that an invariant forbids, with what is needed to understand it.</summary>
/// <param name="Invariant">Its number in the design.</param>
/// <param name="At">Seconds since the run began.</param>
/// <param name="Session">Whose it is; null where it belongs to none.</param>
public sealed record Violation(int Invariant, string Name, double At, string What, string? Session = null)
{
    /// <summary>The session's requests around it.</summary>
    public ImmutableArray<Attempt> Requests { get; init; } = [];

    /// <summary>The faults around it.</summary>
    public ImmutableArray<FaultSpan> Faults { get; init; } = [];
}

/// <summary>What the checker says of a history.</summary>
/// <param name="Checked">How many facts each invariant looked at: what looked at nothing has proved nothing.</param>
public sealed record Verdict(ImmutableArray<Violation> Violations, ImmutableSortedDictionary<string, long> Checked)
{
    public bool Held => Violations.IsEmpty;
}

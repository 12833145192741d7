using System.Collections.Immutable;
using System.Text.Json.Serialization;

namespace ActorLb.Chaos.History;

/// <summary>One fault: what was hit and when, and when what was seen of its end. Times are seconds since the run began.</summary>
public sealed record FaultSpan
{
    public required int Number { get; init; }

    public required FaultKind Kind { get; init; }

    /// <summary>In words, with who was hit.</summary>
    public required string Detail { get; init; }

    public required double At { get; init; }

    /// <summary>When it had surely taken effect, where that is not at once: a process takes a while to die.</summary>
    public double? StruckAt { get; init; }

    /// <summary>When we took it back; null while it lasts.</summary>
    public double? HealedAt { get; init; }

    /// <summary>The nodes that could not answer, and from when until when.</summary>
    public ImmutableArray<Absence> Away { get; init; } = [];

    /// <summary>The backends that may lose their sessions by it.</summary>
    public ImmutableArray<string> Backends { get; init; } = [];

    /// <summary>The nodes that do not reach <see cref="Backends"/>; empty: all of them.</summary>
    public ImmutableArray<string> CutFrom { get; init; } = [];

    /// <summary>When all nodes had marked these backends down; null where they did not.</summary>
    public double? MarkedDownAt { get; init; }

    /// <summary>From when on all nodes were one cluster again, and stayed so.</summary>
    public double? OneClusterAt { get; init; }

    /// <summary>From when on all nodes counted the same sessions on each backend, and stayed so.</summary>
    public double? EqualAt { get; init; }

    /// <summary>When all was as before: one cluster, all backends up, no circuit open. Null: never.</summary>
    public double? WholeAt { get; init; }

    /// <summary>When nodes that were away were started again; null where none were.</summary>
    public double? StartedAt { get; init; }

    /// <summary>When the backends of <see cref="NewBackends"/> were there to be used; null where there were none.</summary>
    public double? AddedAt { get; init; }

    public ImmutableArray<string> NewBackends { get; init; } = [];

    [JsonIgnore]
    public double Until => WholeAt ?? double.PositiveInfinity;

    /// <summary>Whether a request of this moment may have met it.</summary>
    public bool Touches(Attempt attempt) => attempt.Overlaps(At, Until);

    public override string ToString() =>
        $"fault {Number} {Detail}, {At:F1} to {HealedAt?.ToString("F1") ?? "the end"}, whole at {WholeAt?.ToString("F1") ?? "never"}";
}

/// <summary>A node that cannot answer for a while.</summary>
/// <param name="Gracefully">It stops in good order: what it accepted it must answer.</param>
public sealed record Absence(string Node, double From, double? Until, bool Gracefully)
{
    /// <summary>Whether it is about a node, at some moment of a time.</summary>
    public bool Meets(string node, double from, double until) => node == Node && from <= (Until ?? double.PositiveInfinity) && until >= From;
}

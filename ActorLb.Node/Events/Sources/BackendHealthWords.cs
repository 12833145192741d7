using System.Collections.Immutable;
using ActorLb.Node.Health;
using ActorLb.Shared.Backends;
using ActorLb.Shared.Messages;

namespace ActorLb.Node.Events.Sources;

/// <summary>What the observers say of a backend, in a sentence and as data.</summary>
internal static class BackendHealthWords
{
    private const int DetailLengthMax = 120;

    public static EventNote Of(BackendHealthChanged changed) => Of(
        changed.Health == BackendHealth.Down ? EventKind.BackendDown : EventKind.BackendUp,
        changed.Backend,
        changed.Health == BackendHealth.Down ? "is down" : "is up",
        changed.Verdicts);

    /// <param name="what">Behind the backend's name.</param>
    public static EventNote Of(EventKind kind, BackendName backend, string what, ImmutableArray<Verdict> verdicts) =>
        new(kind, $"{backend} {what}: {Votes(kind, verdicts)}")
        {
            Pool = backend.Pool,
            Backend = backend.Id,
            Data = new { votes = verdicts.Select(v => new { node = v.Node, healthy = v.Healthy, detail = Short(v.Detail) }) },
        };

    public static ImmutableArray<Verdict> VotesOn(HealthBoardState board, BackendName name) => [.. board.VerdictsOn(name).Where(v => board.Voters.Contains(v.Node))];

    // Those who say the same are named together. A verdict is of several probes: who has seen the same as the others, and not often
    // enough, has not changed his mind yet.
    private static string Votes(EventKind kind, ImmutableArray<Verdict> verdicts) => verdicts.IsEmpty
        ? "nobody has probed it"
        : string.Join("; ", verdicts
            .GroupBy(v => (v.Healthy, Detail: Short(v.Detail), IsLate: IsLate(kind, v, verdicts)))
            .OrderBy(g => g.Key.Healthy)
            .Select(g => $"{string.Join(", ", g.Select(v => v.Node))} {(g.Skip(1).Any() ? "say" : "says")} {(g.Key.Healthy ? "well" : "not well")}{(g.Key.IsLate ? " so far" : "")} ({g.Key.Detail})"));

    private static bool IsLate(EventKind kind, Verdict verdict, ImmutableArray<Verdict> all) =>
        kind == (verdict.Healthy ? EventKind.BackendDown : EventKind.BackendUp)
        && all.Any(v => v.Healthy != verdict.Healthy && v.Detail == verdict.Detail);

    private static string Short(string detail) => detail.Length <= DetailLengthMax ? detail : detail[..DetailLengthMax] + "…";
}

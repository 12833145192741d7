using System.Collections.Immutable;
using ActorLb.Shared.Backends;
using ActorLb.Shared.Messages;

namespace ActorLb.Node.Operator;

/// <summary>
/// Which decisions are about backends that are gone, and when they are forgotten: a day after nobody has had one it is marked, and a week
/// later cut off. A node that has it after all takes the mark away. Pure.
/// </summary>
internal sealed record GoneBackendsState
{
    /// <summary>Of decisions about what is gone, so many are kept, and as many marked ones.</summary>
    public const int Most = 1_000;

    /// <summary>A server that is upgraded or moved is back by then, and its drain holds.</summary>
    public static readonly TimeSpan MarkedAfter = TimeSpan.FromDays(1);

    /// <summary>Longer than a node is away that comes back; its copy of the decision would be a new one for the others.</summary>
    public static readonly TimeSpan CutAfter = TimeSpan.FromDays(7);

    public static readonly GoneBackendsState Empty = new();

    private ImmutableDictionary<BackendName, DateTimeOffset> MissingSince { get; init; } = ImmutableDictionary<BackendName, DateTimeOffset>.Empty;

    /// <param name="isThere">This node has the backend.</param>
    /// <param name="leads">This node marks and cuts for all, and hears all members.</param>
    /// <param name="node">Its name.</param>
    /// <param name="now">By the time that the nodes agree on.</param>
    public (GoneBackendsState Next, OperatorDecisions Decisions) Look(
        OperatorDecisions known, Predicate<BackendName> isThere, bool leads, string node, DateTimeOffset now)
    {
        ImmutableDictionary<BackendName, DateTimeOffset> missing = known.ByBackend.Keys
            .Where(b => !isThere(b))
            .ToImmutableDictionary(b => b, b => MissingSince.GetValueOrDefault(b, now));
        OperatorDecisions next = known.ByBackend.Values
            .Where(d => d.GoneSince is not null && isThere(d.Backend))
            .Aggregate(known, (all, d) => all.With(d with { Version = d.Version + 1, Node = node, GoneSince = null }));
        return (this with { MissingSince = missing }, leads ? Cut(Marked(next, missing, node, now), now) : next);
    }

    private static OperatorDecisions Marked(
        OperatorDecisions known, ImmutableDictionary<BackendName, DateTimeOffset> missing, string node, DateTimeOffset now)
    {
        OperatorDecision[] unmarked =
        [
            .. known.ByBackend.Values.Where(d => d.GoneSince is null && missing.ContainsKey(d.Backend)).OrderByDescending(d => missing[d.Backend]),
        ];
        return unmarked
            .Where((d, i) => i >= Most || now - missing[d.Backend] >= MarkedAfter)
            .Aggregate(known, (all, d) => all.With(d with { Version = d.Version + 1, Node = node, GoneSince = now }));
    }

    private static OperatorDecisions Cut(OperatorDecisions known, DateTimeOffset now)
    {
        DateTimeOffset[] marked = [.. known.ByBackend.Values.Select(d => d.GoneSince).OfType<DateTimeOffset>().OrderDescending()];
        DateTimeOffset old = now - CutAfter;
        DateTimeOffset horizon = marked.Length > Most && marked[Most] >= old ? marked[Most].AddMilliseconds(1) : old;
        return marked.Length > 0 && marked[^1] < horizon ? known.Cut(horizon) : known;
    }
}

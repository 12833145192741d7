using System.Collections.Immutable;
using ActorLb.Chaos.History;

namespace ActorLb.Chaos.Checking;

/// <summary>From a history to a verdict: every invariant, and around every violation its requests and faults.</summary>
public static class HistoryChecker
{
    /// <summary>More of one kind say nothing new.</summary>
    public const int ViolationsPerInvariantMax = 50;

    private const int RequestsAroundMax = 16;
    private const double FaultsAroundSeconds = 15;

    public static IReadOnlyList<IInvariant> Invariants { get; } =
    [
        new RoundRobinInvariant(),
        new StickyInvariant(),
        new OneNewHomeInvariant(),
        new NothingLostInvariant(),
        new AlwaysServedInvariant(),
        new PartitionInvariant(),
        new MergeInvariant(),
        new BoundedInvariant(),
        new OpaqueInvariant(),
        new ChangeInvariant(),
        new AllOrNothingInvariant(),
        new DriftInvariant(),
    ];

    public static Verdict Check(RunHistory history)
    {
        var walks = new SessionWalks(history);
        var violations = ImmutableArray.CreateBuilder<Violation>();
        var looked = ImmutableSortedDictionary.CreateBuilder<string, long>(StringComparer.Ordinal);
        foreach (IInvariant invariant in Invariants)
        {
            Findings findings = invariant.Check(history, walks);
            looked[$"{invariant.Number} {invariant.Name}"] = findings.Checked;
            violations.AddRange(findings.Broken
                .OrderBy(b => b.At)
                .Take(ViolationsPerInvariantMax)
                .Select(b => Around(history, walks, new Violation(invariant.Number, invariant.Name, b.At, b.What, b.Session))));
        }

        violations.AddRange(history.Complaints.Select(c => new Violation(0, "run", history.Facts.Seconds, c)));
        return new Verdict(violations.ToImmutable(), looked.ToImmutable());
    }

    private static Violation Around(RunHistory history, SessionWalks walks, Violation violation) => violation with
    {
        Requests = violation.Session is { } session
            ? [.. walks.RequestsOf(session).OrderBy(a => Math.Abs(a.Sent - violation.At)).Take(RequestsAroundMax).OrderBy(a => a.Sent)]
            : [],
        Faults = [.. history.Faults.Where(f => f.At <= violation.At + FaultsAroundSeconds && f.Until >= violation.At - FaultsAroundSeconds)],
    };
}

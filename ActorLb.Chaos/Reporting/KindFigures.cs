using ActorLb.Chaos.History;

namespace ActorLb.Chaos.Reporting;

/// <summary>All faults of one kind together: sums, and of times the median and the worst.</summary>
public sealed record KindFigures(
    FaultKind Kind,
    int Faults,
    int Requests,
    int Failed,
    int Excused,
    int Refused,
    int Moved,
    int OtherSide,
    Spread? WorstAnswerElsewhere,
    Spread? MarkedDownAfter,
    Spread? OneClusterAfter,
    Spread? EqualAfter,
    Spread? FirstAnswerAfter,
    Spread? ShareAfter)
{
    public static IReadOnlyList<KindFigures> Of(IEnumerable<FaultFigures> figures) =>
    [
        .. figures.GroupBy(f => f.Fault.Kind).OrderBy(g => g.Key).Select(g => new KindFigures(
            g.Key,
            g.Count(),
            g.Sum(f => f.Requests),
            g.Sum(f => f.Failed),
            g.Sum(f => f.Excused),
            g.Sum(f => f.Refused),
            g.Sum(f => f.Moved),
            g.Sum(f => f.OtherSide),
            Spread.Of(g.Select(f => f.WorstAnswerElsewhere)),
            Spread.Of(g.Select(f => f.MarkedDownAfter)),
            Spread.Of(g.Select(f => f.OneClusterAfter)),
            Spread.Of(g.Select(f => f.EqualAfter)),
            Spread.Of(g.Select(f => f.FirstAnswerAfter)),
            Spread.Of(g.Select(f => f.ShareAfter)))),
    ];

    public static IReadOnlyList<string> Headings { get; } =
    [
        "fault", "times", "requests", "failed", "excused", "next address", "sessions moved", "to two sides", "worst answer elsewhere",
        "marked down after", "one cluster after", "equal after", "first answer after", "share after",
    ];

    public IReadOnlyList<string> Cells =>
    [
        Kind.Word(), $"{Faults}", $"{Requests}", $"{Failed}", $"{Excused}", $"{Refused}", $"{Moved}", $"{OtherSide}", Text(WorstAnswerElsewhere),
        Text(MarkedDownAfter), Text(OneClusterAfter), Text(EqualAfter), Text(FirstAnswerAfter), Text(ShareAfter),
    ];

    private static string Text(Spread? spread) => spread?.ToString() ?? "";
}

/// <summary>Seconds.</summary>
public sealed record Spread(double Median, double Most)
{
    /// <returns>Null where there is none.</returns>
    public static Spread? Of(IEnumerable<double?> values)
    {
        double[] sorted = [.. values.OfType<double>().Order()];
        return sorted.Length == 0 ? null : new Spread(Math.Round(sorted[sorted.Length / 2], 3), Math.Round(sorted[^1], 3));
    }

    public override string ToString() => FormattableString.Invariant($"{Median:0.0##} / {Most:0.0##}");
}

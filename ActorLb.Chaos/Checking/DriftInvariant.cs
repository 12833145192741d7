using ActorLb.Chaos.History;

namespace ActorLb.Chaos.Checking;

/// <summary>
/// Invariant 13: nodes that do not run the same say so, and nodes that do say so too, a few seconds after it came to be so.
/// Looked at while no node is away and nothing keeps nodes from hearing each other.
/// </summary>
public sealed class DriftInvariant : IInvariant
{
    /// <summary>In which a node has heard from all others what they run, in seconds.</summary>
    public const double SecondsMax = 5;

    /// <summary>Nodes are asked one after the other: what one says of another may be newer than what was heard from that one, in seconds.</summary>
    public const double AskSeconds = 1;

    public int Number => 13;

    public string Name => "known drift";

    public Findings Check(RunHistory history, SessionWalks walks)
    {
        var broken = new List<(double, string, string?)>();
        var last = new Dictionary<string, NodeReport>();
        var since = new Dictionary<(string, string), double>();
        var wrongSince = new Dictionary<(string, string), double>();
        long looked = 0;
        foreach ((NodeReport report, double until) in Timed(history))
        {
            last.TryGetValue(report.Node, out NodeReport? before);
            last[report.Node] = report;
            foreach (NodeReport other in last.Values.Where(o => o.Node != report.Node && o.Drift is not null && report.Drift is not null))
            {
                if (before?.Drift?.Fingerprint != report.Drift!.Fingerprint)
                {
                    since[(report.Node, other.Node)] = since[(other.Node, report.Node)] = report.At;
                }
            }

            foreach ((NodeReport one, NodeReport other) in Pairs(last.Values))
            {
                double from = Math.Max(since.GetValueOrDefault((one.Node, other.Node)), QuietSince(history, until)) + SecondsMax;
                if (from >= until)
                {
                    continue;
                }

                looked++;
                bool differs = one.Drift!.Fingerprint != other.Drift!.Fingerprint;
                if (!(differs ? one.Drift.Alike : one.Drift.Differing).Contains(other.Drift.Called))
                {
                    wrongSince.Remove((one.Node, other.Node));
                    continue;
                }

                wrongSince.TryAdd((one.Node, other.Node), Math.Max(from, report.At));
                if (until - wrongSince[(one.Node, other.Node)] > AskSeconds)
                {
                    broken.Add((Math.Max(from, report.At), $"{one.Node} says that {other.Node} runs {(differs ? "the same" : "something else")}, and they run {one.Drift.Fingerprint} and {other.Drift.Fingerprint}", null));
                }
            }
        }

        // A report that changes nothing about it tells the same once more.
        return new Findings(looked, [.. broken.DistinctBy(b => b.Item2)]);
    }

    // Each holds until the next one, of whichever node.
    private static IEnumerable<(NodeReport Report, double Until)> Timed(RunHistory history) => history.Reports
        .Select((r, i) => (r, i + 1 < history.Reports.Length ? history.Reports[i + 1].At : history.Facts.Seconds));

    private static IEnumerable<(NodeReport, NodeReport)> Pairs(IReadOnlyCollection<NodeReport> reports) =>
        from one in reports
        from other in reports
        where one.Node != other.Node && one.Drift is not null && other.Drift is not null && Knows(other.Drift, one.Drift.Called)
        select (one, other);

    // The last words of a node that was scaled in are still there, and nobody speaks of it any more.
    private static bool Knows(NodeDrift said, string called) => said.Alike.Contains(called) || said.Differing.Contains(called);

    // When the last fault that disturbs what nodes hear of each other was over; never, where it lasts.
    private static double QuietSince(RunHistory history, double at) => history.Faults
        .Where(f => f.At < at && (!f.Kind.IsChange() || !f.Away.IsEmpty))
        .Select(f => f.Until)
        .DefaultIfEmpty(0)
        .Max();
}

using ActorLb.Node.Dashboard;

namespace ActorLb.Node.Admin;

/// <summary>What <c>GET /api/v1/figures</c> answers: what happened of one subject, over all nodes. Each array has a place for each slot, oldest first.</summary>
/// <param name="From">When the first slot begins.</param>
/// <param name="StepSeconds">Of a slot.</param>
/// <param name="Requests">Null where no node has counted yet; so are failures.</param>
/// <param name="P50">Milliseconds, of the node where it was highest; null where nothing was answered. So are the others.</param>
/// <param name="Nodes">Whose are summed up.</param>
/// <param name="NotCounted">Who did not answer.</param>
/// <param name="Begins">Whose counts begin within the slots, because it started then: what it counted before is in none of them.</param>
internal sealed record FiguresDocument(
    DateTimeOffset From,
    int StepSeconds,
    IReadOnlyList<long?> Requests,
    IReadOnlyList<long?> Failures,
    IReadOnlyList<float?> P50,
    IReadOnlyList<float?> P95,
    IReadOnlyList<float?> P99,
    IReadOnlyList<string> Nodes,
    IReadOnlyList<string> NotCounted,
    IReadOnlyList<CountsBegin> Begins)
{
    public static FiguresDocument Of(GatheredSlots gathered)
    {
        (FigureSubject _, int seconds, long last, int count) = gathered.Asked;
        SlotsAtNode[] known = [.. gathered.Nodes.Where(n => n.Slots.Length == count)];
        var from = DateTimeOffset.FromUnixTimeSeconds(((last / seconds) - count + 1) * seconds);
        DateTimeOffset first = gathered.Nodes.Select(n => n.Since ?? DateTimeOffset.MinValue).DefaultIfEmpty(DateTimeOffset.MinValue).Min();
        int uncounted = Enumerable.Range(0, count).TakeWhile(i => from.AddSeconds((i + 1) * seconds) <= first).Count();
        return new FiguresDocument(
            from,
            seconds,
            Sum(known, count, uncounted, f => f.Requests),
            Sum(known, count, uncounted, f => f.Failures),
            Highest(known, count, f => f.P50),
            Highest(known, count, f => f.P95),
            Highest(known, count, f => f.P99),
            [.. gathered.Nodes.Select(n => n.Node)],
            gathered.Silent,
            [.. gathered.Nodes.Where(n => n.Since > from).Select(n => new CountsBegin(n.Node, n.Since!.Value)).OrderBy(b => b.Node, StringComparer.Ordinal)]);
    }

    private static long?[] Sum(SlotsAtNode[] nodes, int count, int uncounted, Func<Figure, uint> what) =>
        [.. Enumerable.Range(0, count).Select(i => i < uncounted ? (long?)null : nodes.Sum(n => (long)what(n.Slots[i])))];

    private static float?[] Highest(SlotsAtNode[] nodes, int count, Func<Figure, Half> what) =>
        [.. Enumerable.Range(0, count).Select(i => nodes.Select(n => what(n.Slots[i])).Where(h => !Half.IsNaN(h)).Select(h => (float?)Math.Round((float)h, 2)).Max())];
}

/// <summary>From when on a node has counted.</summary>
internal sealed record CountsBegin(string Node, DateTimeOffset At);

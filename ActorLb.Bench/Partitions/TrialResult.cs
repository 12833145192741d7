namespace ActorLb.Bench.Partitions;

/// <summary>What one trial showed.</summary>
/// <param name="Failed">Requests that were not answered with 200, for each node.</param>
/// <param name="Sessions">How many clients there were.</param>
/// <param name="Moved">Sessions of the backend that died which got another home.</param>
/// <param name="TwoHomes">Of these, those that were sent to two different new homes, by two sides.</param>
/// <param name="OneClusterSeconds">From the end of the cut until all nodes are in one cluster, and stay so; null: not within the limit.</param>
/// <param name="EqualSeconds">The same until all nodes count the same sessions on every backend.</param>
/// <param name="Restarts">Control planes that started anew, over all nodes.</param>
/// <param name="Broken">What must not be; empty where all held.</param>
internal sealed record TrialResult(
    TrialPlan Plan,
    long Requests,
    long[] Failed,
    int Sessions,
    int Moved,
    int TwoHomes,
    double? OneClusterSeconds,
    double? EqualSeconds,
    long Restarts,
    IReadOnlyList<string> Broken)
{
    public const string Header =
        "| # | nodes | cut | seconds | backend dies | requests | failed per node | sessions | moved | two homes | one cluster after | equal after | restarts | held |\n"
        + "|---|---|---|---|---|---|---|---|---|---|---|---|---|---|";

    public string Row(int number) =>
        $"| {number} | {Plan.Nodes} | {Plan.Cut.ToString().Replace("|", "\\|", StringComparison.Ordinal)} | {Plan.Seconds} | {(Plan.DyingBackend is null ? "" : "yes")} | {Requests} "
        + $"| {string.Join('/', Failed)} | {Sessions} | {Moved} | {TwoHomes} | {Text(OneClusterSeconds)} | {Text(EqualSeconds)} | {Restarts} | {(Broken.Count == 0 ? "yes" : "NO")} |";

    public static string Summary(IReadOnlyCollection<TrialResult> results) =>
        $"{results.Count} trials, {results.Count(r => r.Broken.Count == 0)} held; {results.Sum(r => r.Requests)} requests, {results.Sum(r => r.Failed.Sum())} failed; "
        + $"{results.Sum(r => r.Sessions)} sessions, {results.Sum(r => r.Moved)} moved, {results.Sum(r => r.TwoHomes)} to two homes\n"
        + $"one cluster after: {Spread(results.Select(r => r.OneClusterSeconds))}; equal after: {Spread(results.Select(r => r.EqualSeconds))}";

    private static string Spread(IEnumerable<double?> seconds)
    {
        double[] sorted = [.. seconds.OfType<double>().Order()];
        return sorted.Length == 0 ? "never" : $"median {sorted[sorted.Length / 2]:F1} s, max {sorted[^1]:F1} s";
    }

    private static string Text(double? seconds) => seconds is { } s ? $"{s:F1} s" : "never";
}

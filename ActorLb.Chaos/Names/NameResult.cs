namespace ActorLb.Chaos.Names;

/// <summary>What one trial showed. Seconds are null where it did not happen within the limit, or is not part of the course.</summary>
/// <param name="Load">The machine's load average when all served: what else runs on it delays everything.</param>
/// <param name="RunningSeconds">From the start of all processes until the last one's admin API answered.</param>
/// <param name="ServingSeconds">From then until the last one served.</param>
/// <param name="OneClusterSeconds">From then, or from when the name led to all if that was later, until there was one cluster.</param>
/// <param name="Formed">Clusters that came to be on the way there; all but one were given up again.</param>
/// <param name="AgainSeconds">From the change of addresses, or the end of the cut, until there was one cluster again.</param>
/// <param name="Restarts">Control planes that started anew, over all nodes.</param>
/// <param name="Broken">What must not be; empty where all held.</param>
internal sealed record NameResult(
    NamePlan Plan,
    double Load,
    double? RunningSeconds,
    double? ServingSeconds,
    double? OneClusterSeconds,
    long? Formed,
    double? AgainSeconds,
    long? Restarts,
    IReadOnlyList<string> Broken)
{
    public const string Header =
        "| # | nodes | course | | load | all run after | all serve after | one cluster after | clusters formed | one again after | restarts | held |\n"
        + "|---|---|---|---|---|---|---|---|---|---|---|---|";

    private const string SummaryHeader =
        "| course | trials | held | all run after, median / max | all serve after, median / max | one cluster after, median / max | more than one formed | one again after, median / max |\n"
        + "|---|---|---|---|---|---|---|---|";

    public string Row(int number) =>
        $"| {number} | {Plan.Nodes} | {Word(Plan.Course)} | {Plan.Details()} | {Load:F0} | {Text(RunningSeconds)} | {Text(ServingSeconds)} "
        + $"| {Text(OneClusterSeconds)} | {Formed} | {Text(AgainSeconds)} | {Restarts} | {(Broken.Count == 0 ? "yes" : "NO")} |";

    public static string Summary(IReadOnlyCollection<NameResult> results) =>
        $"{SummaryHeader}\n{string.Concat(results.GroupBy(r => r.Plan.Course).OrderBy(g => g.Key).Select(g => Row(Word(g.Key), [.. g])))}{Row("all", results)}";

    private static string Row(string course, IReadOnlyCollection<NameResult> of) =>
        $"| {course} | {of.Count} | {of.Count(r => r.Broken.Count == 0)} | {Spread(of.Select(r => r.RunningSeconds))} | {Spread(of.Select(r => r.ServingSeconds))} "
        + $"| {Spread(of.Select(r => r.OneClusterSeconds))} | {of.Count(r => r.Formed > 1)} | {Spread(of.Select(r => r.AgainSeconds))} |\n";

    private static string Spread(IEnumerable<double?> seconds)
    {
        double[] sorted = [.. seconds.OfType<double>().Order()];
        return sorted.Length == 0 ? "" : $"{sorted[sorted.Length / 2]:F1} / {sorted[^1]:F1} s";
    }

    private static string Text(double? seconds) => seconds is { } s ? $"{s:F1} s" : "";

    private static string Word(NameCourse course) => course switch
    {
        NameCourse.There => "there from the start",
        NameCourse.Growing => "one address after another",
        NameCourse.Dead => "with dead addresses",
        NameCourse.Late => "does not resolve at first",
        NameCourse.Slow => "takes 5 s to resolve",
        NameCourse.Returned => "killed, back elsewhere",
        NameCourse.Readdressed => "readdressed while it runs",
        NameCourse.Cut => "partition",
        _ => "alone",
    };
}

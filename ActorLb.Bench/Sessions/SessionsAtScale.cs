using System.Diagnostics;
using System.Globalization;

namespace ActorLb.Bench.Sessions;

/// <summary>
/// Grows three node processes to many sessions and measures what that costs and what it withstands. The figures
/// follow each other on the same cluster; only the ones that were asked for are measured.
/// </summary>
internal static class SessionsAtScale
{
    /// <summary>Sessions with which everything is compiled and every buffer exists before the memory is looked at.</summary>
    private const int WarmUp = 60_000;

    public static async Task<int> RunAsync(CommandOptions options)
    {
        int bindings = options.Whole("--bindings", 1000000);
        double rate = options.Number("--rate", 20000);
        string[] only = options.Text("--only", "lag,memory,lookup,idle,join,kill,restart").Split(',');
        var figures = new Figures();
        await using SessionCluster cluster = await SessionCluster.StartAsync();
        var warm = new SessionRange(0, Math.Min(WarmUp, bindings / 4));
        var rest = new SessionRange(warm.Count, bindings - warm.Count);
        var all = new SessionRange(0, bindings);

        await cluster.GrowAsync(warm, rate);
        long[] before = await SessionMeasures.SettledMemoryAsync(cluster);
        await cluster.BeginGrowingAsync(rest, rate);
        if (only.Contains("lag"))
        {
            await SessionMeasures.LagAsync(cluster, rate, figures);
        }

        await cluster.AllHoldAsync(all);
        if (only.Contains("memory"))
        {
            await SessionMeasures.MemoryAsync(cluster, before, rest.Count, figures);
        }

        if (only.Contains("lookup"))
        {
            await SessionMeasures.LookUpAsync(cluster, all, figures);
        }

        if (only.Contains("idle"))
        {
            await SessionMeasures.IdleAsync(cluster, figures);
        }

        if (only.Contains("join"))
        {
            await SessionFailures.JoinAsync(cluster, all, figures);
        }

        if (only.Contains("kill"))
        {
            await SessionFailures.KillOneAsync(cluster, all, figures);
        }

        if (only.Contains("restart"))
        {
            await SessionFailures.RestartAsync(cluster, all, figures);
        }

        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{bindings} sessions, {SessionCluster.NodeCount} nodes, {Environment.ProcessorCount} cores, {DateTime.UtcNow:yyyy-MM-dd}"));
        Console.WriteLine();
        Console.Write(figures);
        return 0;
    }

}

/// <summary>The figures of a cluster that is well.</summary>
internal static class SessionMeasures
{
    private static readonly TimeSpan IdleTime = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan SettleTime = TimeSpan.FromSeconds(10);

    /// <summary>Resident bytes of each node after two full, compacting collections that give back what they can.</summary>
    public static async Task<long[]> SettledMemoryAsync(SessionCluster cluster)
    {
        await Task.Delay(SettleTime);
        var resident = new List<long>();
        foreach (SessionNode node in cluster.Nodes)
        {
            await node.AskAsync("collect");
            resident.Add(node.ResidentBytes());
        }

        return [.. resident];
    }

    public static async Task LagAsync(SessionCluster cluster, double rate, Figures figures)
    {
        var made = new Dictionary<int, long>();
        var seen = new List<(int Number, long At)>();
        double[] used = [.. cluster.Nodes.Select(n => n.ProcessorSeconds())];
        long start = Stopwatch.GetTimestamp();
        foreach (SessionNode node in cluster.Nodes)
        {
            string file = cluster.PathOf(node.Name + ".lag");
            await node.AskAsync("grown " + file);
            foreach (string[] words in File.ReadLines(file).Select(l => l.Split(' ')))
            {
                int number = int.Parse(words[1], CultureInfo.InvariantCulture);
                long at = long.Parse(words[2], CultureInfo.InvariantCulture);
                if (words[0] == "made")
                {
                    made.Add(number, at);
                }
                else
                {
                    seen.Add((number, at));
                }
            }
        }

        double seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
        double[] lags = [.. seen.Select(s => Stopwatch.GetElapsedTime(made[s.Number], s.At).TotalSeconds).Order()];
        int expected = made.Count * (SessionCluster.NodeCount - 1);
        long last = made.Values.Max();
        long first = made.Values.Min();
        figures.Add(
            $"lag to the other nodes at {rate:f0} new bindings/s, p50 / p99 / most",
            "≤ 0.25 / 0.6 s",
            $"{Figures.Quantile(lags, 0.5):f3} / {Figures.Quantile(lags, 0.99):f3} / {lags[^1]:f3} s ({lags.Length} of {expected} timed ones seen, made in {Stopwatch.GetElapsedTime(first, last).TotalSeconds:f1} s)");
        figures.Add(
            "processor time of each node meanwhile, of one core",
            "–",
            $"{string.Join(", ", cluster.Nodes.Select((n, i) => Percent(n.ProcessorSeconds() - used[i], seconds)))}");
    }

    public static async Task MemoryAsync(SessionCluster cluster, long[] before, int bindings, Figures figures)
    {
        await Task.Delay(SettleTime);
        long[] standing = [.. cluster.Nodes.Select(n => n.ResidentBytes())];
        long[] settled = await SettledMemoryAsync(cluster);
        figures.Add(
            "growth of resident memory per binding and node, after full collections before and after",
            "≤ 100 bytes",
            $"{PerBinding(settled)} bytes");
        figures.Add(
            "the same as it stands 10 s after growing, nobody having asked for a collection",
            "–",
            $"{PerBinding(standing)} bytes");

        string PerBinding(long[] after) =>
            string.Join(", ", after.Select((bytes, i) => ((double)(bytes - before[i]) / bindings).ToString("f0", CultureInfo.InvariantCulture)));
    }

    public static async Task LookUpAsync(SessionCluster cluster, SessionRange all, Figures figures)
    {
        string[] words = (await cluster.Nodes[0].AskAsync($"lookup {all}")).Split(' ');
        figures.Add("look-up in the table, warm / random / allocated", "≤ 60 ns / – / 0 bytes", $"{words[0]} / {words[1]} ns / {words[2]} bytes");
        string[] counted = (await cluster.Nodes[0].AskAsync("count-by-backend")).Split(' ');
        string[] again = (await cluster.Nodes[0].AskAsync("count-by-backend")).Split(' ');
        figures.Add("sessions per backend counted, first / again", "–", $"{counted[1]} / {again[1]} µs");
    }

    public static async Task IdleAsync(SessionCluster cluster, Figures figures)
    {
        await Task.Delay(SettleTime);
        double[] used = [.. cluster.Nodes.Select(n => n.ProcessorSeconds())];
        long start = Stopwatch.GetTimestamp();
        await Task.Delay(IdleTime);
        double seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
        figures.Add(
            "idle processor time of each node over 30 s, of one core",
            "≤ 5 %",
            $"{string.Join(", ", cluster.Nodes.Select((n, i) => Percent(n.ProcessorSeconds() - used[i], seconds)))}");
    }

    private static string Percent(double used, double seconds) => (used / seconds).ToString("p1", CultureInfo.InvariantCulture);
}

using System.Diagnostics;
using System.Globalization;

namespace ActorLb.Bench.Sessions;

/// <summary>The figures of a cluster to which something happens.</summary>
internal static class SessionFailures
{
    private const double MeanwhileRate = 5_000;
    private const int MeanwhileCount = 50_000;
    private const int EveryShardCount = 6_000;
    private static readonly TimeSpan KillAfter = TimeSpan.FromSeconds(5);

    /// <summary>A fourth node joins while sessions arrive.</summary>
    public static async Task JoinAsync(SessionCluster cluster, SessionRange all, Figures figures)
    {
        var meanwhile = new SessionRange(all.End, MeanwhileCount);
        await cluster.BeginGrowingAsync(meanwhile, MeanwhileRate);
        SessionNode joining = cluster.StartNode(SessionCluster.NodeCount, all);
        (long up, _) = await joining.ToldAsync("up");
        (long filled, _) = await joining.ToldAsync("filled");
        (long holds, _) = await joining.ToldAsync("holds");
        (_, string lacked) = await joining.ToldAsync("lacked-then");
        await cluster.AllHoldAsync(meanwhile);
        figures.Add(
            $"a joining node holds all while {MeanwhileRate:f0}/s arrive, after Up",
            "≤ 2 s",
            $"{Stopwatch.GetElapsedTime(up, holds).TotalSeconds:f2} s (it says so after {Stopwatch.GetElapsedTime(up, filled).TotalSeconds:f2} s; {lacked} lacked then)");
        await cluster.KillAsync(joining);
        await cluster.FormedAsync();
    }

    /// <summary>One of three is killed while it makes sessions; the other two must have what it made a second before.</summary>
    public static async Task KillOneAsync(SessionCluster cluster, SessionRange all, Figures figures)
    {
        var meanwhile = new SessionRange(all.End + MeanwhileCount, MeanwhileCount);
        SessionNode victim = cluster.Nodes[^1];

        // The joined node was killed a moment ago: a second death counts only when every shard has an owner again.
        await cluster.GrowAsync(new SessionRange(meanwhile.End, EveryShardCount), MeanwhileRate);
        victim.Made.Clear();
        await cluster.BeginGrowingAsync(meanwhile, MeanwhileRate);
        await Task.Delay(KillAfter);
        long killed = Stopwatch.GetTimestamp();
        await cluster.KillAsync(victim);
        int made = victim.Made.Where(m => Stopwatch.GetElapsedTime(m.At, killed) >= TimeSpan.FromSeconds(1)).Max(m => m.Next);
        int lost = 0;
        foreach (SessionNode node in cluster.Nodes)
        {
            lost = Math.Max(lost, await node.AskNumberAsync($"missing {all} 1"));
            lost = Math.Max(lost, await node.AskNumberAsync($"missing {new SessionRange(meanwhile.First + SessionCluster.NodeCount - 1, made - meanwhile.First - SessionCluster.NodeCount + 1)} {SessionCluster.NodeCount}"));
        }

        figures.Add("bindings older than 1 s lost by kill -9 of one node", "0", $"{lost} (of {(made - meanwhile.First) / SessionCluster.NodeCount} that it had made)");
        cluster.StartNode(SessionCluster.NodeCount - 1, default);
        await cluster.FormedAsync();
    }

    /// <summary>All are killed and started again with the files that they had.</summary>
    public static async Task RestartAsync(SessionCluster cluster, SessionRange all, Figures figures)
    {
        await cluster.AllHoldAsync(all);
        int number = SessionNumbers.Moved(all.End / 2);
        string cookie = await cluster.Nodes[0].AskAsync($"ticket {number}");
        foreach (SessionNode node in cluster.Nodes.ToArray())
        {
            await cluster.KillAsync(node);
        }

        long start = Stopwatch.GetTimestamp();
        Task starting = cluster.StartNodesAsync(all);
        long[] correct = await Task.WhenAll(cluster.Nodes.Select(n => FirstCorrectAsync(n, number, cookie)));
        (long At, string More)[] back = await Task.WhenAll(cluster.Nodes.Select(n => n.ToldAsync("holds")));
        (long At, string More)[] lacking = await Task.WhenAll(cluster.Nodes.Select(n => n.ToldAsync("lacked-then")));
        await starting;
        string[] phases = await Task.WhenAll(cluster.Nodes.Select(n => PhasesAsync(n, start)));
        figures.Add("the same: process begun, member up, filled from the others, serving", "–", $"{string.Join(", ", phases)} s");
        figures.Add(
            "all nodes killed with -9, first correct answer after start, first / last node",
            "≤ 5 s",
            $"{Seconds(start, correct.Min()):f2} / {Seconds(start, correct.Max()):f2} s");
        figures.Add(
            "all bindings back after start, first / last node",
            "≤ 8 s",
            $"{Seconds(start, back.Min(b => b.At)):f2} / {Seconds(start, back.Max(b => b.At)):f2} s ({string.Join(", ", lacking.Select(l => l.More))} lacked then)");
    }

    private static async Task<string> PhasesAsync(SessionNode node, long start)
    {
        var phases = new List<string>();
        foreach (string phase in new[] { "begun", "up", "filled", "ready" })
        {
            phases.Add(Seconds(start, (await node.ToldAsync(phase)).At).ToString("f1", CultureInfo.InvariantCulture));
        }

        return string.Join('-', phases);
    }

    private static double Seconds(long start, long at) => Stopwatch.GetElapsedTime(start, at).TotalSeconds;

    // The session has moved since its ticket: only a node that has its binding answers from the right backend.
    private static async Task<long> FirstCorrectAsync(SessionNode node, int number, string cookie)
    {
        using var client = new HttpClient(new SocketsHttpHandler { UseCookies = false }) { Timeout = TimeSpan.FromSeconds(2) };
        while (true)
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, $"http://127.0.0.1:{node.HttpPort}/");
            request.Headers.Add("Cookie", cookie);
            try
            {
                using HttpResponseMessage response = await client.SendAsync(request);
                if (response.IsSuccessStatusCode && await response.Content.ReadAsStringAsync() == SessionNumbers.Backend(number))
                {
                    return Stopwatch.GetTimestamp();
                }
            }
            catch (Exception e) when (e is HttpRequestException or TaskCanceledException)
            {
                // Not listening yet.
            }

            await Task.Delay(10);
        }
    }
}

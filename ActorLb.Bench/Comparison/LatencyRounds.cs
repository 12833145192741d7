using System.Globalization;

namespace ActorLb.Bench.Comparison;

/// <summary>
/// How long a request takes where requests come at a fixed rate, at shares of what HAProxy can take at most here, spread or
/// all connections at once: interleaved rounds, the median over the rounds of each percentile.
/// </summary>
internal static class LatencyRounds
{
    public const string Name = "latency";

    private const int SaturationSeconds = 4;
    private const int CompilingSeconds = 30;
    private const string Reference = "haproxy-cookie";

    private static readonly double[] Shares = [0.25, 0.5, 0.75];
    private static readonly double[] Percentiles = [0.5, 0.99, 0.999];

    public static async Task RunAsync(Contenders contenders, WorkFolder work, int rounds, int seconds, int connections)
    {
        await using var group = new ContenderGroup();
        await group.StartAsync(contenders, ["actorlb", Reference, "nginx"], threads: 1);
        if (group.Running.FirstOrDefault(c => c.Name == Reference) is not { } reference)
        {
            return;
        }

        var cookies = new Dictionary<string, string>();
        foreach (Contender contender in group.Running)
        {
            cookies[contender.Name] = (await ClientSessions.OpenAsync(contender.Address, 1))[0];
            await Wrk.RunAsync(contender.Address, "/", connections, contender.Compiles ? CompilingSeconds : SaturationSeconds, null);
        }

        string script = work.Write("saturation.lua", WrkScripts.Sessions(await ClientSessions.OpenAsync(reference.Address, connections)));
        double saturation = await Wrk.RunAsync(reference.Address, "/", connections, SaturationSeconds, script) / (double)SaturationSeconds;
        foreach (double share in Shares)
        {
            foreach (bool atOnce in (bool[])[false, true])
            {
                await RunAsync(group, cookies, work, share, saturation * share, atOnce, rounds, seconds, connections);
            }
        }
    }

    private static async Task RunAsync(
        ContenderGroup group, Dictionary<string, string> cookies, WorkFolder work, double share, double rate, bool atOnce, int rounds, int seconds, int connections)
    {
        var taken = group.Running.ToDictionary(c => c.Name, _ => Percentiles.Select(_ => new List<double>()).ToArray());
        for (int round = 0; round < rounds; round++)
        {
            foreach (Contender contender in group.Running)
            {
                int[] sorted = await H2Load.RunAsync(contender.Address, cookies[contender.Name], rate, connections, seconds, atOnce, work);
                for (int i = 0; i < Percentiles.Length; i++)
                {
                    taken[contender.Name][i].Add(sorted[Math.Min(sorted.Length - 1, (int)(sorted.Length * Percentiles[i]))]);
                }
            }
        }

        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"\n{Name} at {share:f2} of HAProxy's saturation, {rate:f0} requests/s, {(atOnce ? "all at once" : "spread")} | p50, µs | p99 | p99.9"));
        foreach (Contender contender in group.Running)
        {
            Console.WriteLine($"{contender.Name} | {string.Join(" | ", taken[contender.Name].Select(p => Median.Of(p).ToString("f0", CultureInfo.InvariantCulture)))}");
        }
    }
}

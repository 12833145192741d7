namespace ActorLb.Bench.Comparison;

/// <summary>Whole nodes beside other balancers, all before the same three backends.</summary>
internal static class Compare
{
    public static async Task<int> RunAsync(CommandOptions options)
    {
        int rounds = options.Whole("--rounds", 7);
        int seconds = options.Whole("--seconds", 3);
        int connections = options.Whole("--connections", 64);
        string[] only = options.List("--only");

        using var work = new WorkFolder();
        int[] ports = [.. Enumerable.Range(0, 3).Select(_ => Ports.Free())];
        await using var nginx = NginxBackends.Start(work, ports);
        await Ports.AcceptsAsync(ports[0]);
        var contenders = new Contenders(work, [.. ports.Select(p => $"127.0.0.1:{p}")], options.Text("--baseline", ""), options.List("--against"));
        foreach (Scenario scenario in Scenario.All.Where(s => only.Length == 0 || only.Contains(s.Name)))
        {
            await ProcessorRounds.RunAsync(scenario, contenders, work, rounds, seconds, connections);
        }

        if (only.Length == 0 || only.Contains(LatencyRounds.Name))
        {
            await LatencyRounds.RunAsync(contenders, work, rounds, seconds, connections);
        }

        if (only.Length == 0 || only.Contains(IdleClients.Name))
        {
            await IdleClients.RunAsync(contenders, work, rounds);
        }

        return 0;
    }
}

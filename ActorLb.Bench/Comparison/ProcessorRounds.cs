using System.Globalization;

namespace ActorLb.Bench.Comparison;

/// <summary>
/// All contenders get the same load in turns, so that what else the machine does falls on all of them. What counts is
/// the processor time of the whole process, medians over the rounds.
/// </summary>
internal static class ProcessorRounds
{
    /// <summary>A just-in-time compiler goes on compiling for half a minute of load, on another thread.</summary>
    private const int CompilingSeconds = 30;

    private const int WarmUpSeconds = 2;

    public static async Task RunAsync(Scenario scenario, Contenders contenders, WorkFolder work, int rounds, int seconds, int connections)
    {
        await using var group = new ContenderGroup();
        await group.StartAsync(contenders, contenders.With(scenario.Contenders), scenario.Threads);
        var scripts = new Dictionary<string, string?>();
        foreach (Contender contender in group.Running)
        {
            scripts[contender.Name] = await scenario.ScriptAsync(contender) is { } script
                ? work.Write($"{scenario.Name}-{contender.Name}.lua", script)
                : null;
            await LoadAsync(contender, contender.Compiles ? CompilingSeconds : WarmUpSeconds);
        }

        var figures = group.Running.ToDictionary(c => c.Name, _ => new List<double>());
        var rates = group.Running.ToDictionary(c => c.Name, _ => new List<double>());
        for (int round = 0; round < rounds; round++)
        {
            foreach (Contender contender in group.Running)
            {
                double before = contender.ProcessorSeconds();
                long requests = await LoadAsync(contender, seconds);
                figures[contender.Name].Add(scenario.Figure(contender.ProcessorSeconds() - before, requests));
                rates[contender.Name].Add(requests / (double)seconds);
            }
        }

        Console.WriteLine($"\n{scenario.Name} | {scenario.Unit}, median | least | most | ActorLb's ratio | requests/s");
        double own = Median.Of(figures["actorlb"]);
        foreach (Contender contender in group.Running)
        {
            List<double> of = figures[contender.Name];
            Console.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"{contender.Name} | {scenario.Text(Median.Of(of))} | {scenario.Text(of.Min())} | {scenario.Text(of.Max())} | {own / Median.Of(of):f2} | {Median.Of(rates[contender.Name]):f0}"));
        }

        Task<long> LoadAsync(Contender contender, int time) =>
            Wrk.RunAsync(contender.Address, scenario.Path, connections, time, scripts[contender.Name]);
    }
}

using System.Globalization;

namespace ActorLb.Bench.Comparison;

/// <summary>
/// All balancers stand before the same three backends and get the same load in turns, so that what else the machine
/// does falls on all of them. What counts is the processor time of the whole process, medians over the rounds.
/// </summary>
internal static class Compare
{
    private const int WarmUps = 2;

    public static async Task<int> RunAsync(string[] options)
    {
        int rounds = Option(options, "--rounds", 7);
        int seconds = Option(options, "--seconds", 3);
        int connections = Option(options, "--connections", 64);
        string[] only = Options(options, "--only");

        using var work = new WorkFolder();
        int[] ports = [.. Enumerable.Range(0, 3).Select(_ => Ports.Free())];
        await using var nginx = NginxBackends.Start(work, ports);
        await Ports.AcceptsAsync(ports[0]);
        var contenders = new Contenders(work, [.. ports.Select(p => $"127.0.0.1:{p}")]);
        foreach (Scenario scenario in Scenario.All.Where(s => only.Length == 0 || only.Contains(s.Name)))
        {
            await RunAsync(scenario, contenders, work, rounds, seconds, connections);
        }

        if (only.Length == 0 || only.Contains("idle"))
        {
            await IdleClients.RunAsync(contenders);
        }

        return 0;
    }

    private static async Task RunAsync(Scenario scenario, Contenders contenders, WorkFolder work, int rounds, int seconds, int connections)
    {
        var running = new List<Contender>();
        try
        {
            foreach (string name in scenario.Contenders)
            {
                if (await StartAsync(name, scenario.Threads, contenders) is { } contender)
                {
                    running.Add(contender);
                }
            }

            string? script = scenario.Script is null ? null : work.Write(scenario.Name + ".lua", scenario.Script);
            var figures = running.ToDictionary(c => c.Name, _ => new List<double>());
            for (int round = -WarmUps; round < rounds; round++)
            {
                foreach (Contender contender in running)
                {
                    double before = contender.ProcessorSeconds();
                    long requests = await Wrk.RunAsync(contender.Address, scenario.Path, connections, seconds, script);

                    // The first rounds only warm up: they pay for compiling what is hot.
                    if (round >= 0)
                    {
                        figures[contender.Name].Add(scenario.Figure(contender.ProcessorSeconds() - before, requests));
                    }
                }
            }

            Console.WriteLine($"\n{scenario.Name} | {scenario.Unit}, median | least | most | ActorLb's ratio");
            double own = Median(figures["actorlb"]);
            foreach (Contender contender in running)
            {
                List<double> of = figures[contender.Name];
                Console.WriteLine(string.Create(
                    CultureInfo.InvariantCulture,
                    $"{contender.Name} | {scenario.Text(Median(of))} | {scenario.Text(of.Min())} | {scenario.Text(of.Max())} | {own / Median(of):f2}"));
            }
        }
        finally
        {
            foreach (Contender contender in running)
            {
                await contender.DisposeAsync();
            }
        }
    }

    private static async Task<Contender?> StartAsync(string name, int threads, Contenders contenders)
    {
        try
        {
            return name switch
            {
                "actorlb" => await contenders.ActorLbAsync(name, threads),
                "actorlb-log" => await contenders.ActorLbAsync(name, threads, accessLog: true),
                "kestrel" => await contenders.ActorLbAsync(name, threads, "kestrel"),
                "haproxy-cookie" => await contenders.HaproxyCookieAsync(threads),
                "haproxy-stick" => await contenders.HaproxyStickAsync(threads),
                "nginx" => await contenders.NginxAsync(threads),
                "caddy" => await contenders.CaddyAsync(),
                _ => await contenders.YarpAsync(),
            };
        }
        catch (System.ComponentModel.Win32Exception e)
        {
            Console.WriteLine($"{name} is left out: {e.Message}");
            return null;
        }
    }

    private static int Option(string[] options, string name, int otherwise)
    {
        int at = Array.IndexOf(options, name);
        return at >= 0 && at + 1 < options.Length ? int.Parse(options[at + 1], CultureInfo.InvariantCulture) : otherwise;
    }

    private static string[] Options(string[] options, string name)
    {
        int at = Array.IndexOf(options, name);
        return at >= 0 && at + 1 < options.Length ? options[at + 1].Split(',') : [];
    }

    private static double Median(List<double> values)
    {
        double[] sorted = [.. values.Order()];
        int middle = sorted.Length / 2;
        return sorted.Length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
    }
}

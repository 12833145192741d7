using System.Globalization;

namespace ActorLb.Bench;

/// <summary>
/// Both balancers stand before the same three backends and get the same load in turns, so that what else the
/// machine does falls on both. What counts is the processor time of the whole process per request.
/// </summary>
internal static class LaneVersusYarp
{
    public static async Task<int> RunAsync(string[] options)
    {
        int rounds = Option(options, "--rounds", 7);
        int seconds = Option(options, "--seconds", 4);
        int connections = Option(options, "--connections", 64);

        using var work = new WorkFolder();
        int[] ports = [.. Enumerable.Range(0, 5).Select(_ => Ports.Free())];
        string[] backends = [.. ports[..3].Select(p => $"127.0.0.1:{p}")];
        string lane = $"127.0.0.1:{ports[3]}";
        string yarp = $"127.0.0.1:{ports[4]}";

        await using var nginx = NginxBackends.Start(work, ports[..3]);
        await using var laneProcess = BenchProcess.Self(["lane", lane, .. backends]);
        await using var yarpProcess = BenchProcess.Self(["yarp", yarp, .. backends]);
        Task[] ready = [Ports.AcceptsAsync(ports[0]), Ports.AcceptsAsync(ports[3]), Ports.AcceptsAsync(ports[4])];
        await Task.WhenAll(ready);

        string script = work.Write("session.lua", WrkScripts.CookiePerConnection);
        Load[] loads =
        [
            new("no cookies", null),
            new("a session on each connection", script),
        ];
        var meters = new Dictionary<(string Load, string Balancer), List<double>>();
        for (int round = -1; round < rounds; round++)
        {
            foreach (Load load in loads)
            {
                foreach ((string name, string address, BenchProcess process) in
                    new[] { ("lane", lane, laneProcess), ("yarp", yarp, yarpProcess) })
                {
                    double before = process.ProcessorSeconds();
                    long requests = await Wrk.RunAsync(address, connections, seconds, load.Script);
                    double microseconds = (process.ProcessorSeconds() - before) * 1e6 / requests;

                    // The first round only warms up.
                    if (round >= 0)
                    {
                        Values(meters, (load.Name, name)).Add(microseconds);
                        Console.WriteLine(Text($"round {round + 1}, {load.Name}: {name} {microseconds:f1} µs, {requests / seconds} requests/s"));
                    }
                }
            }
        }

        Console.WriteLine();
        Console.WriteLine("median processor time per request | lane | YARP | ratio");
        foreach (Load load in loads)
        {
            double own = Median(meters[(load.Name, "lane")]);
            double reference = Median(meters[(load.Name, "yarp")]);
            Console.WriteLine(Text($"{load.Name} | {own:f1} µs | {reference:f1} µs | {own / reference:f2}"));
        }

        return 0;
    }

    private static int Option(string[] options, string name, int otherwise)
    {
        int at = Array.IndexOf(options, name);
        return at >= 0 && at + 1 < options.Length ? int.Parse(options[at + 1], CultureInfo.InvariantCulture) : otherwise;
    }

    private static List<double> Values(Dictionary<(string, string), List<double>> meters, (string, string) key) =>
        meters.TryGetValue(key, out List<double>? values) ? values : meters[key] = [];

    private static double Median(List<double> values)
    {
        double[] sorted = [.. values.Order()];
        int middle = sorted.Length / 2;
        return sorted.Length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
    }

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);

    private sealed record Load(string Name, string? Script);
}

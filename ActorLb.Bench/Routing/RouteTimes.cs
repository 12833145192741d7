using System.Diagnostics;
using System.Globalization;
using ActorLb.Shared.Routing;
using ActorLb.Shared.Settings;

namespace ActorLb.Bench.Routing;

/// <summary>What a request pays to have its route found, by how many there are.</summary>
internal static class RouteTimes
{
    private const int Rounds = 101;
    private const int Finds = 20_000;

    public static int Run()
    {
        Console.WriteLine("median of 101 rounds: ns; bytes");
        (string Name, RouteSettings[] Routes)[] tables =
        [
            ("1 route, of a host", Hosts(1)),
            ("2 routes, two paths", Paths(2)),
            ("1,000 routes, paths of one host", Paths(1_000)),
            ("1,000 routes, hosts", Hosts(1_000)),
            ("10,000 routes, hosts", Hosts(10_000)),
            ("1,000 routes, paths, each with a method and a header", [.. Paths(1_000).Select(r => r with { Methods = ["GET"], Headers = [new RouteHeader("X-Beta", "1")] })]),
        ];

        // The first pass is for the compiler, which works on while it runs.
        foreach (TextWriter output in (TextWriter[])[TextWriter.Null, Console.Out])
        {
            foreach ((string name, RouteSettings[] routes) in tables)
            {
                (double time, double bytes) = Measure(routes);
                output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{name,-55} {time,8:f0} {bytes,6:f1}"));
            }
        }

        return 0;
    }

    private static (double Time, double Bytes) Measure(RouteSettings[] routes)
    {
        var table = new RouteTable(routes);
        (string Host, string Path)[] asked = [.. routes.Select(r => (r.Host == "*" ? "shop.example.com" : r.Host, r.Path + "/some/page"))];
        var times = new double[Rounds];
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int round = 0; round < Rounds; round++)
        {
            long start = Stopwatch.GetTimestamp();
            int at = 0;
            for (int i = 0; i < Finds; i++)
            {
                (string host, string path) = asked[at];
                if (table.Find(host, path, default(FitsAll)) != at)
                {
                    throw new InvalidOperationException($"{host}{path} takes another route");
                }

                at = at + 1 == asked.Length ? 0 : at + 1;
            }

            times[round] = Stopwatch.GetElapsedTime(start).TotalNanoseconds / Finds;
        }

        long bytes = GC.GetAllocatedBytesForCurrentThread() - before;
        Array.Sort(times);
        return (times[Rounds / 2], (double)bytes / (Rounds * Finds));
    }

    private static RouteSettings[] Hosts(int count) => [.. Enumerable.Range(0, count).Select(i => new RouteSettings($"shop-{i}.example.com", "/app", "web"))];

    private static RouteSettings[] Paths(int count) => [.. Enumerable.Range(0, count).Select(i => new RouteSettings("*", $"/team-{i % 40}/app-{i}", "web"))];

    private readonly struct FitsAll : IRouteConditions
    {
        public bool Fit(RouteSettings route) => true;
    }
}

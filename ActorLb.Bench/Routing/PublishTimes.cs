using System.Diagnostics;
using ActorLb.Engine;
using ActorLb.Engine.Routing;
using ActorLb.Engine.Traffic;
using ActorLb.Shared.Backends;

namespace ActorLb.Bench.Routing;

/// <summary>
/// What one backend's change costs the one who publishes it, in time and garbage, and what a request pays to choose a backend: by
/// the number of backends, their weights, and the number of other pools.
/// </summary>
internal static class PublishTimes
{
    private const int Changes = 101;
    private const int Rounds = 101;
    private const int ChoicesPerRound = 5_000;

    public static int Run()
    {
        Console.WriteLine("one change, median of 101: ms; bytes | verdict | step of a slow start | circuit");
        ShowChanges("pool of 3", BenchPools.Node(pools: 1, _ => 1, backends: 3));
        ShowChanges("pool of 1,000, equal weights", BenchPools.Node(1, _ => 1, 1000));
        ShowChanges("pool of 1,000, four weights", BenchPools.Node(1, i => 1 + (i % 4), 1000));
        ShowChanges("pool of 1,000, weights of 1 to 256", BenchPools.Node(1, i => 1 + (i * 37 % 256), 1000));
        ShowChanges("1,000 pools of 3", BenchPools.Node(1000, _ => 1, 3));
        Console.WriteLine();
        Console.WriteLine("one choice, median of 101 rounds: ns; bytes | next in turn | of a session | a place, all full");

        // The first pass is for the compiler, which works on while it runs.
        foreach (TextWriter output in (TextWriter[])[TextWriter.Null, Console.Out])
        {
            ShowChoices(output, "pool of 3", BenchPools.Node(1, _ => 1, 3));
            ShowChoices(output, "pool of 1,000, equal weights", BenchPools.Node(1, _ => 1, 1000));
            ShowChoices(output, "pool of 1,000, four weights, one ramps", BenchPools.Node(1, i => i == 500 ? 1 : 10 * (1 + (i % 4)), 1000));
        }

        return 0;
    }

    private static void ShowChanges(string name, DataPlane plane)
    {
        var pool = new PublishedPool(plane, plane.Settings.Topology.Pools.Keys.Order(StringComparer.Ordinal).ElementAt(plane.Settings.Topology.Pools.Count / 2));
        string[] ids = [.. pool.Ids];
        pool.AllUp();
        (double Ms, long Bytes) verdict = Median(i => pool.Change(s => s.WithHealth(
            ids[i / 2 % ids.Length], i % 2 == 0 ? BackendHealth.Down : BackendHealth.Up, pool.Now)));
        pool.AllUp();
        (double Ms, long Bytes) step = Median(_ =>
        {
            if (!pool.NextStep())
            {
                pool.Recover(ids[ids.Length / 2]);
                pool.NextStep();
            }

            return pool.Change(s => s);
        });
        pool.AllUp();
        (double Ms, long Bytes) circuit = Median(i => pool.Change(s => s.WithCircuit(ids[i / 2 % ids.Length], i % 2 == 0)));
        Console.WriteLine($"{name,-40} {Text(verdict)} | {Text(step)} | {Text(circuit)}");

        static string Text((double Ms, long Bytes) cost) => $"{cost.Ms,7:0.0000}; {cost.Bytes,6:N0}";
    }

    private static (double Ms, long Bytes) Median(Func<int, (double Ms, long Bytes)> change)
    {
        for (int i = 0; i < 10 * Changes; i++)
        {
            change(i);
        }

        (double Ms, long Bytes)[] costs = [.. Enumerable.Range(0, Changes).Select(change)];
        return (Comparison.Median.Of([.. costs.Select(c => c.Ms)]), (long)Comparison.Median.Of([.. costs.Select(c => (double)c.Bytes)]));
    }

    private static void ShowChoices(TextWriter output, string name, DataPlane plane)
    {
        var director = new TrafficDirector(plane);
        string only = plane.Settings.Topology.Pools.Keys.Single();
        new PublishedPool(plane, only).AllUp();
        PoolSnapshot pool = plane.Routing.Pools[only];
        BackendKey[] keys = [.. pool.Backends.Select(b => b.Key)];
        new Random(1).Shuffle(keys);
        (double, double) turn = Choice(_ =>
        {
            ValueTask<Assignment> chosen = director.AssignAsync(pool, default, default);
            return chosen.IsCompletedSuccessfully && chosen.Result.Backend is not null ? 1 : 0;
        });
        (double, double) bound = Choice(i => pool.Find(keys[i % keys.Length]) is null ? 0 : 1);
        foreach (BackendSnapshot backend in pool.Backends)
        {
            backend.Traffic.Gate.TryEnter(1);
        }

        (double, double) full = Choice(_ =>
        {
            var assignment = new Assignment(pool, pool.Backends[0], default, IsBound: false, NeedsTicket: false);
            return Admission.TryEnter(ref assignment, BackendKey.None) ? 0 : 1;
        });
        output.WriteLine($"{name,-40} {Text(turn)} | {Text(bound)} | {Text(full)}");

        static string Text((double Ns, double Bytes) cost) => $"{cost.Ns,7:0.0}; {cost.Bytes:0.##}";
    }

    /// <param name="choose">1 where it did what it should.</param>
    internal static (double Ns, double Bytes) Choice(Func<int, int> choose)
    {
        var times = new double[Rounds];
        long bytes = 0;
        for (int round = -2; round < Rounds; round++)
        {
            long allocated = GC.GetAllocatedBytesForCurrentThread();
            long began = Stopwatch.GetTimestamp();
            int done = 0;
            for (int i = 0; i < ChoicesPerRound; i++)
            {
                done += choose(i);
            }

            double time = Stopwatch.GetElapsedTime(began).TotalNanoseconds / ChoicesPerRound;
            bytes = GC.GetAllocatedBytesForCurrentThread() - allocated;
            if (done != ChoicesPerRound)
            {
                throw new InvalidOperationException($"{ChoicesPerRound - done} choices found something else");
            }

            if (round >= 0)
            {
                times[round] = time;
            }
        }

        return (Comparison.Median.Of(times), bytes / (double)ChoicesPerRound);
    }
}

using System.Diagnostics;
using ActorLb.Bench.Http1.Fuzzing;

namespace ActorLb.Bench.LaneFuzzing;

/// <summary>The lane's fuzzer at the command line. Each batch has its own seed and lane, so that what it finds is found again soon.</summary>
internal static class LaneFuzzing
{
    private const int RoundsPerBatch = 500;

    public static int Run(CommandOptions options)
    {
        int seed = options.Whole("--seed", Random.Shared.Next());
        double minutes = options.Number("--minutes", 0);
        long batches = (long)options.Number("--batches", minutes > 0 ? long.MaxValue : 20);
        long start = Stopwatch.GetTimestamp();
        long told = start;
        long clients = 0;
        long requests = 0;
        long done = 0;
        while (done < batches && (minutes == 0 || Stopwatch.GetElapsedTime(start).TotalMinutes < minutes))
        {
            using var fuzzer = new LaneFuzzer(seed, logins: seed % 2 == 0);
            for (int round = 0; round < RoundsPerBatch; round++)
            {
                try
                {
                    fuzzer.Round();
                }
                catch (FuzzFailure e)
                {
                    Console.Error.WriteLine($"--seed {seed} --batches 1, round {round}: {e.Message}");
                    return 1;
                }
            }

            seed = unchecked(seed + 1);
            done++;
            clients += fuzzer.Clients;
            requests += fuzzer.Requests;
            if (Stopwatch.GetElapsedTime(told).TotalSeconds >= 30)
            {
                told = Stopwatch.GetTimestamp();
                Tell();
            }
        }

        Tell();
        return 0;

        void Tell() => Console.WriteLine(
            $"{done * RoundsPerBatch:n0} rounds, {clients:n0} clients, {requests:n0} well-formed requests, {Stopwatch.GetElapsedTime(start).TotalSeconds:f0} s");
    }
}

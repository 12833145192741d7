using System.Diagnostics;
using ActorLb.Engine.Failures;
using ActorLb.Engine.Http1;

namespace ActorLb.Bench.Http1.Fuzzing;

/// <summary>The fuzzer at the command line: as long as somebody has time for.</summary>
internal static class MessageFuzzing
{
    private const long BatchLength = 100_000;

    public static int Run(CommandOptions options)
    {
        long iterations = (long)options.Number("--iterations", 1_000_000);
        int seed = options.Whole("--seed", Random.Shared.Next());
        Console.WriteLine($"seed {seed}");
        var fuzzer = new MessageFuzzer(seed);
        long start = Stopwatch.GetTimestamp();
        long told = start;
        try
        {
            for (long done = 0; done < iterations; done += BatchLength)
            {
                fuzzer.Run(Math.Min(BatchLength, iterations - done));
                if (Stopwatch.GetElapsedTime(told).TotalSeconds >= 30)
                {
                    told = Stopwatch.GetTimestamp();
                    Console.WriteLine($"{done + BatchLength:n0} messages, {Stopwatch.GetElapsedTime(start).TotalSeconds:f0} s");
                }
            }
        }
        catch (FuzzFailure e)
        {
            Console.Error.WriteLine($"seed {seed}: {e.Message}");
            return 1;
        }

        Console.WriteLine(
            $"{iterations:n0} messages in {Stopwatch.GetElapsedTime(start).TotalSeconds:f0} s: {fuzzer.Accepted:n0} accepted, {fuzzer.Incomplete:n0} incomplete");
        foreach ((MessageFault fault, long count) in fuzzer.Faults.OrderByDescending(f => f.Count))
        {
            Console.WriteLine($"{count,14:n0}  {FaultMeaning.Of(fault).Name}");
        }

        return 0;
    }
}

using System.Diagnostics;
using ActorLb.Shared.Routing;

namespace ActorLb.Bench.Routing;

/// <summary>What a change in a pool of a thousand backends costs the one who publishes it: its rotation, by the weights that may come together.</summary>
internal static class RoutingTimes
{
    private const int Backends = 1000;
    private const int Rounds = 51;

    public static int Run()
    {
        int[] equal = [.. Enumerable.Repeat(1, Backends)];
        int[] ramping = [.. Enumerable.Range(0, Backends).Select(i => i == 500 ? 1 : 10)];
        int[] ramps = [.. Enumerable.Range(0, Backends).Select(i => 1 + (i % 10))];
        int[] classes = [.. Enumerable.Range(0, Backends).Select(i => (1 + (i % 4)) * 10)];
        classes[7] = 3;
        Show("all of one weight", equal);
        Show("one of them in its slow start", ramping);
        Show("all in their slow start, ten steps", ramps);
        Show("four weights, one backend in its slow start", classes);
        return 0;
    }

    private static void Show(string name, int[] weights)
    {
        var times = new double[Rounds];
        for (int i = 0; i < Rounds; i++)
        {
            long began = Stopwatch.GetTimestamp();
            GC.KeepAlive(Rotation.Of(weights));
            times[i] = Stopwatch.GetElapsedTime(began).TotalMilliseconds;
        }

        Array.Sort(times);
        Console.WriteLine($"{name,-48} {Rotation.Of(weights).Length,6} turns {times[Rounds / 2],8:0.000} ms");
    }
}

using ActorLb.Engine.Balancing;

namespace ActorLb.Tests.Balancing;

/// <summary>Servers with one worker and a queue each, and as many clients as there are requests at a time: each asks again at once.</summary>
/// <param name="Counts">Requests by place.</param>
/// <param name="Times">From a request's beginning to its answer, in units of service.</param>
internal sealed record Simulation(int[] Counts, List<double> Times)
{
    /// <param name="service">Mean time that a request takes by place; times are exponential.</param>
    public static Simulation Of(BalancedPool pool, int requests, int atATime, Func<int, double> service)
    {
        var chance = new Random(1);
        int servers = pool.Now.Backends.Length;
        var done = new Simulation(new int[servers], new List<double>(requests));
        var freeAt = new double[servers];
        var running = new PriorityQueue<(int Place, double Began), double>();
        double now = 0;
        for (int i = 0; i < requests; i++)
        {
            if (i >= atATime)
            {
                running.TryDequeue(out (int Place, double Began) ended, out now);
                pool.Leave(ended.Place);
                done.Times.Add(now - ended.Began);
            }

            int place = pool.Next(BalanceKey.None);
            pool.Load(place, 1);
            done.Counts[place]++;
            freeAt[place] = Math.Max(freeAt[place], now) - (Math.Log(1 - chance.NextDouble()) * service(place));
            running.Enqueue((place, now), freeAt[place]);
        }

        return done;
    }
}

using ActorLb.Engine;
using ActorLb.Engine.Balancing;
using ActorLb.Engine.Routing;
using ActorLb.Engine.Sessions;
using ActorLb.Engine.Traffic;
using ActorLb.Shared.Settings;

namespace ActorLb.Bench.Routing;

/// <summary>What a request of no session pays to have its backend chosen, by policy, number of backends, and whether they have requests.</summary>
internal static class ChoiceTimes
{
    public static int Run()
    {
        Console.WriteLine("median of 101 rounds, ns; bytes | the policy alone: nobody has requests | all have some | with all of a new request's assignment");

        // The first pass is for the compiler, which works on while it runs.
        foreach (TextWriter output in (TextWriter[])[TextWriter.Null, Console.Out])
        {
            foreach (int backends in (int[])[3, 10, 1000])
            {
                foreach (string balance in (string[])["round-robin", "least-requests", "power-of-two", "hash"])
                {
                    Show(output, $"pool of {backends:N0}, {balance}", BenchPools.Node(1, _ => 1, backends, balance));
                }

                Show(output, $"pool of {backends:N0}, hash, four weights", BenchPools.Node(1, i => 1 + (i % 4), backends, "hash"));
                Show(output, $"pool of {backends:N0}, hash, weights of 1 to 256", BenchPools.Node(1, i => 1 + (i * 37 % 256), backends, "hash"));
            }
        }

        return 0;
    }

    private static void Show(TextWriter output, string name, DataPlane plane)
    {
        var director = new TrafficDirector(plane);
        string only = plane.Settings.Topology.Pools.Keys.Single();
        new PublishedPool(plane, only).AllUp();
        PoolSnapshot pool = plane.Routing.Pools[only];
        var key = new Key();
        (double, double) idle = PublishTimes.Choice(Decide);
        for (int i = 0; i < pool.Backends.Length; i++)
        {
            for (int held = 0; held < 1 + (i * 7 % 5); held++)
            {
                pool.Backends[i].Traffic.Gate.TryEnter(0);
            }
        }

        output.WriteLine($"{name,-40} {Text(idle)} | {Text(PublishTimes.Choice(Decide))} | {Text(PublishTimes.Choice(Choose))}");

        int Decide(int request) => pool.Policy.Next(pool.Cursor, BalanceKey.Of((ulong)request), before: -1) >= 0 ? 1 : 0;

        int Choose(int request)
        {
            key.Value = request;
            ValueTask<Assignment> chosen = director.AssignAsync(pool, null, default, held: null, key, default);
            return chosen.IsCompletedSuccessfully && chosen.Result.Backend is not null ? 1 : 0;
        }

        static string Text((double Ns, double Bytes) cost) => $"{cost.Ns,7:0.0}; {cost.Bytes:0.##}";
    }

    /// <summary>As long as an id of a user.</summary>
    private sealed class Key : IFirstRequest
    {
        public FirstSession? First => null;

        public UInt128? Asker => null;

        private readonly byte[] _text = new byte[16];

        public int Value
        {
            set => BitConverter.TryWriteBytes(_text, value);
        }

        public BalanceKey KeyFor(BalanceSettings balance) => BalanceKey.Of(_text);
    }
}

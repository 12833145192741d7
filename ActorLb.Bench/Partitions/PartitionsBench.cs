using ActorLb.Bench.Lab;

namespace ActorLb.Bench.Partitions;

/// <summary>
/// Random cuts between real node processes, each in its own network namespace, under sticky clients on every side. Exit
/// code 1 when something did not hold, 3 where this machine cannot do it.
/// </summary>
internal static class PartitionsBench
{
    /// <summary>The same program, already in a network namespace of its own.</summary>
    public const string InsideCommand = "partitions-inside";

    /// <summary>What issue 3 allows from healing to one cluster with equal bindings.</summary>
    private const long SecondsMax = 15;

    public static Task<int> RunAsync(string[] arguments) => new LabCommand("partitions", InsideCommand).EnterAsync(
        arguments,
        $"{LabNetwork.Attempt}; iptables -A INPUT -s {LabNetwork.HubAddress} -j DROP; command -v nsenter iptables-restore",
        "util-linux, iproute2, iptables and the right to make network namespaces");

    public static Task<int> RunInsideAsync(string[] arguments) => LabCommand.RunInsideAsync(() => RunTrialsAsync(arguments));

    private static async Task<int> RunTrialsAsync(string[] arguments)
    {
        int trials = LabCommand.Option(arguments, "--trials", 30);
        int seed = LabCommand.Option(arguments, "--seed", Random.Shared.Next());
        (int Min, int Max) nodes = LabCommand.Range(arguments, "--nodes", (3, 5), (3, 5));

        // From shorter than anybody notices up to long after everybody decided.
        (int Min, int Max) lengths = LabCommand.Range(arguments, "--seconds", (3, 20), (1, 600));
        CutKind? only = LabCommand.Choice<CutKind>(arguments, "--only");
        var random = new Random(seed);
        TrialPlan[] plans = [.. TrialPlan.Draw(trials, nodes, lengths, only, random)];
        Console.WriteLine($"partitions --trials {trials} --seed {seed} --nodes {nodes.Min}..{nodes.Max} --seconds {lengths.Min}..{lengths.Max}");
        Console.WriteLine(TrialResult.Header);

        string folder = Directory.CreateTempSubdirectory("actorlb-partitions-").FullName;
        var results = new List<TrialResult>();
        bool held = true;
        foreach (IGrouping<int, TrialPlan> group in plans.GroupBy(p => p.Nodes))
        {
            held &= await RunGroupAsync(group, Path.Combine(folder, $"{group.Key}-nodes"), results, random);
        }

        Console.WriteLine(TrialResult.Summary(results));
        if (held)
        {
            Directory.Delete(folder, recursive: true);
            return 0;
        }

        Console.WriteLine($"NOT ALL HELD; the nodes' logs are in {folder}");
        return 1;
    }

    private static async Task<bool> RunGroupAsync(IGrouping<int, TrialPlan> plans, string folder, List<TrialResult> results, Random random)
    {
        bool held = true;
        Laboratory? laboratory = null;
        try
        {
            laboratory = await Laboratory.StartAsync(plans.Key, folder);
            foreach (TrialPlan plan in plans)
            {
                TrialResult result = await Trial.RunAsync(laboratory, plan, SecondsMax, random);
                results.Add(result);
                Console.WriteLine(result.Row(results.Count));
                foreach (string broken in result.Broken)
                {
                    held = false;
                    Console.WriteLine($"  NOT HELD at {DateTime.UtcNow:HH:mm:ss}: {broken}");
                }
            }
        }
        catch (InvariantBrokenException e)
        {
            held = false;
            Console.WriteLine($"  NOT HELD at {DateTime.UtcNow:HH:mm:ss}, and the other trials with {plans.Key} nodes are left out: {e.Message}");
        }
        finally
        {
            if (laboratory is not null)
            {
                await laboratory.DisposeAsync();
            }
        }

        return held;
    }
}

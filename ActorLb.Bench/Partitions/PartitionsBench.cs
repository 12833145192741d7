using System.Globalization;
using ActorLb.Node.Cli;

namespace ActorLb.Bench.Partitions;

/// <summary>
/// Random cuts between real node processes, each in its own network namespace, under sticky clients on every side. Exit
/// code 1 when something did not hold, 3 where this machine cannot do it.
/// </summary>
internal static class PartitionsBench
{
    public const int ExitNotPossibleHere = 3;

    /// <summary>The same program, already in a network namespace of its own.</summary>
    public const string InsideCommand = "partitions-inside";

    /// <summary>What issue 3 allows from healing to one cluster with equal bindings.</summary>
    private const long SecondsMax = 15;

    public static async Task<int> RunAsync(string[] arguments)
    {
        if (await WhyNotAsync() is { } reason)
        {
            Console.Error.WriteLine($"partitions: not possible here: {reason}");
            return ExitNotPossibleHere;
        }

        // Its stdin is ours to hold: it ends when we do, and its network with it.
        SelfCommand self = SelfCommand.OfThisProcess();
        string[] program = self.Prefix.Length > 0 ? [self.Program, typeof(PartitionsBench).Assembly.Location] : [self.Program];
        await using LabProcess inside = LabProcess.Start("unshare", ["-n", .. program, InsideCommand, .. arguments]);
        return await inside.WhenEndedAsync();
    }

    public static async Task<int> RunInsideAsync(string[] arguments)
    {
        using var signals = new StopSignals();
        ParentPipe.Watch(Console.OpenStandardInput(), signals);
        Task<int> trials = RunTrialsAsync(arguments);
        return await Task.WhenAny(trials, signals.WhenRequested) == trials ? await trials : 1;
    }

    private static async Task<string?> WhyNotAsync()
    {
        if (!OperatingSystem.IsLinux() || !Environment.IsPrivilegedProcess)
        {
            return "it needs root on Linux";
        }

        if (!File.Exists(LabNode.Program))
        {
            return $"{LabNode.Program} is missing: build the solution";
        }

        try
        {
            await LabProcess.RunAsync("unshare", "-n", "sh", "-ec", "ip link add lab type bridge; ip link add one type veth peer name other; iptables -A INPUT -s 10.77.0.1 -j DROP; command -v nsenter iptables-restore");
            return null;
        }
        catch (Exception e) when (e is InvalidOperationException or System.ComponentModel.Win32Exception)
        {
            return $"it needs util-linux, iproute2, iptables and the right to make network namespaces: {e.Message}";
        }
    }

    private static async Task<int> RunTrialsAsync(string[] arguments)
    {
        int trials = (int)Option(arguments, "--trials", 30);
        int seed = (int)Option(arguments, "--seed", Random.Shared.Next());
        (int Min, int Max) nodes = Range(arguments, "--nodes", (3, 5), (3, 5));

        // From shorter than anybody notices up to long after everybody decided.
        (int Min, int Max) lengths = Range(arguments, "--seconds", (3, 20), (1, 600));
        CutKind? only = Array.IndexOf(arguments, "--only") is var at and >= 0 ? Enum.Parse<CutKind>(arguments[at + 1], ignoreCase: true) : null;
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

    private static (int Min, int Max) Range(string[] arguments, string name, (int Min, int Max) otherwise, (int Min, int Max) within)
    {
        if (Array.IndexOf(arguments, name) is not (var at and >= 0))
        {
            return otherwise;
        }

        int[] bounds = [.. arguments[at + 1].Split("..").Select(b => int.Parse(b, CultureInfo.InvariantCulture))];
        return bounds[0] >= within.Min && bounds[^1] <= within.Max && bounds[0] <= bounds[^1]
            ? (bounds[0], bounds[^1])
            : throw new ArgumentException($"{name} is a number or a range within {within.Min}..{within.Max}");
    }

    private static long Option(string[] arguments, string name, long otherwise) =>
        Array.IndexOf(arguments, name) is var at and >= 0 ? long.Parse(arguments[at + 1], System.Globalization.CultureInfo.InvariantCulture) : otherwise;
}

using ActorLb.Bench.Lab;

namespace ActorLb.Bench.Names;

/// <summary>
/// Node processes that find each other by a name of a name server of our own, whatever happens to the name and to them.
/// Exit code 1 when something did not hold, 3 where this machine cannot do it.
/// </summary>
internal static class NamesBench
{
    /// <summary>The same program, already in a network namespace of its own.</summary>
    public const string InsideCommand = "names-inside";

    public static Task<int> RunAsync(string[] arguments) => new LabCommand("names", InsideCommand).EnterAsync(
        arguments,
        $"{LabNetwork.Attempt}; {OwnResolver.Attempt}",
        "util-linux, iproute2, iptables and the right to make network and mount namespaces");

    public static Task<int> RunInsideAsync(string[] arguments) => LabCommand.RunInsideAsync(() => RunTrialsAsync(arguments));

    private static async Task<int> RunTrialsAsync(string[] arguments)
    {
        int trials = LabCommand.Option(arguments, "--trials", 50);
        int seed = LabCommand.Option(arguments, "--seed", Random.Shared.Next());
        (int Min, int Max) nodes = LabCommand.Range(arguments, "--nodes", (3, 5), (2, 9));
        NameCourse? only = LabCommand.Choice<NameCourse>(arguments, "--only");
        Console.WriteLine($"names --trials {trials} --seed {seed} --nodes {nodes.Min}..{nodes.Max}{(only is { } course ? $" --only {course}" : "")}");
        Console.WriteLine(NameResult.Header);

        string folder = Directory.CreateTempSubdirectory("actorlb-names-").FullName;
        var results = new List<NameResult>();
        foreach (NamePlan plan in NamePlan.Draw(trials, nodes, only, new Random(seed)))
        {
            string own = Directory.CreateDirectory(Path.Combine(folder, $"{results.Count + 1}")).FullName;
            NameResult result = await NameTrial.RunAsync(plan, own);
            results.Add(result);
            Console.WriteLine(result.Row(results.Count));
            foreach (string broken in result.Broken)
            {
                Console.WriteLine($"  NOT HELD at {DateTime.UtcNow:HH:mm:ss}: {broken}");
            }

            if (result.Broken.Count == 0)
            {
                Directory.Delete(own, recursive: true);
            }
        }

        Console.WriteLine($"\n{NameResult.Summary(results)}");
        if (results.All(r => r.Broken.Count == 0))
        {
            Directory.Delete(folder, recursive: true);
            return 0;
        }

        Console.WriteLine($"NOT ALL HELD; the nodes' logs are in {folder}");
        return 1;
    }
}

using System.CommandLine;
using ActorLb.Chaos.Lab;

namespace ActorLb.Chaos.Names;

/// <summary>
/// Node processes that find each other by a name of a name server of our own, whatever happens to the name and to them.
/// Exit code 1 when something did not hold, 3 where this machine cannot do it.
/// </summary>
internal static class NamesCommand
{
    public static Command Create(TextWriter output)
    {
        var trials = new Option<int>("--trials") { Description = "How many.", DefaultValueFactory = _ => 50 };
        var seed = new Option<int>("--seed") { Description = "The same seed, the same trials.", DefaultValueFactory = _ => Random.Shared.Next() };
        var least = new Option<int>("--nodes-min") { Description = "Nodes at least, 2 to 9.", DefaultValueFactory = _ => 3 };
        var most = new Option<int>("--nodes-max") { Description = "Nodes at most, 2 to 9.", DefaultValueFactory = _ => 5 };
        var only = new Option<NameCourse?>("--only") { Description = "What happens in all of them." };
        var inside = new Option<bool>(Isolation.InsideOption) { Hidden = true };
        var command = new Command("names", "Nodes that find each other by a name, with a name server that lies, fails and changes.") { trials, seed, least, most, only, inside };
        command.Validators.Add(result =>
        {
            if (result.GetValue(least) < 2 || result.GetValue(most) > 9 || result.GetValue(least) > result.GetValue(most))
            {
                result.AddError("--nodes-min and --nodes-max take 2 to 9, the least first.");
            }
        });
        command.SetAction((parsed, cancellation) => RunAsync(
            parsed.GetValue(trials), parsed.GetValue(seed), (parsed.GetValue(least), parsed.GetValue(most)), parsed.GetValue(only), parsed.GetValue(inside), output, cancellation));
        return command;
    }

    private static async Task<int> RunAsync(
        int trials, int seed, (int Min, int Max) nodes, NameCourse? only, bool inside, TextWriter output, CancellationToken stops)
    {
        if (inside)
        {
            Task<int> running = RunTrialsAsync(trials, seed, nodes, only, output);
            await Task.WhenAny(running, Task.Delay(Timeout.Infinite, Isolation.WhenLeft(stops)));
            return running.IsCompleted ? await running : 1;
        }

        if (await Isolation.WhyNotAsync($"{LabNetwork.Attempt}; {OwnResolver.Attempt}") is { } reason)
        {
            await output.WriteLineAsync($"names: not possible here: {reason}");
            return ChaosCommand.ExitNotPossibleHere;
        }

        string[] course = only is { } one ? ["--only", $"{one}"] : [];
        return await Isolation.RunInsideAsync(["names", "--trials", $"{trials}", "--seed", $"{seed}", "--nodes-min", $"{nodes.Min}", "--nodes-max", $"{nodes.Max}", .. course], stops);
    }

    private static async Task<int> RunTrialsAsync(int trials, int seed, (int Min, int Max) nodes, NameCourse? only, TextWriter output)
    {
        await output.WriteLineAsync($"names --trials {trials} --seed {seed} --nodes-min {nodes.Min} --nodes-max {nodes.Max}{(only is { } course ? $" --only {course}" : "")}");
        await output.WriteLineAsync(NameResult.Header);

        string folder = Directory.CreateTempSubdirectory("actorlb-names-").FullName;
        var results = new List<NameResult>();
        foreach (NamePlan plan in NamePlan.Draw(trials, nodes, only, new Random(seed)))
        {
            string own = Directory.CreateDirectory(Path.Combine(folder, $"{results.Count + 1}")).FullName;
            NameResult result = await NameTrial.RunAsync(plan, own);
            results.Add(result);
            await output.WriteLineAsync(result.Row(results.Count));
            foreach (string broken in result.Broken)
            {
                await output.WriteLineAsync($"  NOT HELD at {DateTime.UtcNow:HH:mm:ss}: {broken}");
            }

            if (result.Broken.Count == 0)
            {
                Directory.Delete(own, recursive: true);
            }
        }

        await output.WriteLineAsync($"\n{NameResult.Summary(results)}");
        if (results.All(r => r.Broken.Count == 0))
        {
            Directory.Delete(folder, recursive: true);
            return 0;
        }

        await output.WriteLineAsync($"NOT ALL HELD; the nodes' logs are in {folder}");
        return 1;
    }
}

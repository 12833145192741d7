using System.CommandLine;
using ActorLb.Chaos.History;
using ActorLb.Chaos.Lab;
using ActorLb.Chaos.Names;

namespace ActorLb.Chaos;

/// <summary>The command line. Exit codes: 0 all held, 1 something did not, 2 wrong usage, 3 not possible on this machine.</summary>
internal static class ChaosCommand
{
    public const int ExitNotPossibleHere = 3;

    public static RootCommand Create(TextWriter output)
    {
        var target = new Option<string>("--target") { Description = "What is broken: processes that it starts itself, or the containers of the Compose file here.", DefaultValueFactory = _ => "processes" };
        target.AcceptOnlyFromAmong("processes", "compose");
        var once = new Option<bool>("--once") { Description = "Every kind of fault once." };
        var changes = new Option<int?>("--changes") { Description = "So many changes of what the nodes run, a third of them bad, one after the other; no node is killed." };
        var minutes = new Option<double>("--minutes") { Description = "How long faults go on.", DefaultValueFactory = _ => 10 };
        var quiet = new Option<double>("--quiet") { Description = "Seconds between two faults.", DefaultValueFactory = _ => 4 };
        var seed = new Option<int>("--seed") { Description = "The same seed, the same faults in the same order. Without one: another every time.", DefaultValueFactory = _ => Random.Shared.Next() };
        var nodes = new Option<int>("--nodes") { Description = "Balancers, 2 to 7.", DefaultValueFactory = _ => 3 };
        var backends = new Option<int>("--backends") { Description = "Servers behind them, 2 to 20.", DefaultValueFactory = _ => 3 };
        var browsers = new Option<int>("--browsers") { Description = "Virtual browsers.", DefaultValueFactory = _ => 30 };
        var tabs = new Option<int>("--tabs") { Description = "Tabs of each browser.", DefaultValueFactory = _ => 2 };
        var think = new Option<double>("--think") { Description = "Mean seconds between two requests of a tab.", DefaultValueFactory = _ => 0.35 };
        var only = new Option<string[]>("--only") { Description = $"Kinds of faults, of {string.Join(", ", FaultKinds.All.Select(k => k.Word()))}.", AllowMultipleArgumentsPerToken = true };
        only.AcceptOnlyFromAmong([.. FaultKinds.All.Select(k => k.Word())]);
        var learn = new Option<bool>("--learn") { Description = "With people of a pool that learns the application's own cookie: what they may lose is not judged to the end yet (docs/chaos.md)." };
        var folder = new Option<string>("--out") { Description = "Folder for report.html, report.json, history.jsonl and logs. Default: a new one in the temporary directory." };
        var inside = new Option<bool>(Isolation.InsideOption) { Hidden = true };
        foreach (Option<int> count in (ReadOnlySpan<Option<int>>)[nodes, backends, browsers, tabs])
        {
            count.Validators.Add(result =>
            {
                (int min, int max) = count == nodes ? (2, 7) : count == backends ? (2, 20) : (1, 500);
                if (result.GetValueOrDefault<int>() is var value && (value < min || value > max))
                {
                    result.AddError($"{count.Name} takes {min} to {max}.");
                }
            });
        }

        var command = new RootCommand("Breaks a cluster of balancers in every way there is, under browsers, and judges what they saw.")
        {
            target, once, changes, minutes, quiet, seed, nodes, backends, browsers, tabs, think, only, learn, folder, inside,
        };
        command.SetAction((parsed, cancellation) =>
        {
            string[] words = parsed.GetValue(only) ?? [];
            var options = new ChaosOptions(
                parsed.GetValue(target)!,
                parsed.GetValue(once),
                parsed.GetValue(changes),
                TimeSpan.FromMinutes(parsed.GetValue(minutes)),
                TimeSpan.FromSeconds(parsed.GetValue(quiet)),
                parsed.GetValue(seed),
                parsed.GetValue(nodes),
                parsed.GetValue(backends),
                parsed.GetValue(browsers),
                parsed.GetValue(tabs),
                parsed.GetValue(think),
                [.. FaultKinds.All.Where(k => (words.Length == 0 || words.Contains(k.Word())) && (parsed.GetValue(changes) is null || k.IsChange()))],
                Path.GetFullPath(parsed.GetValue(folder) ?? Directory.CreateTempSubdirectory("actorlb-chaos-").FullName))
            {
                Learns = parsed.GetValue(learn),
            };
            return new ChaosSession(options, parsed.GetValue(inside), output).RunAsync(cancellation);
        });
        command.Subcommands.Add(NamesCommand.Create(output));
        return command;
    }
}

using ActorLb.Chaos.History;
using ActorLb.Chaos.Lab;
using ActorLb.Chaos.Reporting;
using ActorLb.Chaos.Targets;
using ActorLb.Chaos.Targets.Compose;
using ActorLb.Chaos.Targets.Processes;

namespace ActorLb.Chaos;

/// <summary>From the options to an exit code: makes the target, runs, judges, reports.</summary>
internal sealed class ChaosSession(ChaosOptions options, bool inside, TextWriter output)
{
    public async Task<int> RunAsync(CancellationToken stops)
    {
        if (options.Target == "processes" && !inside)
        {
            string? reason = await Isolation.WhyNotAsync(LabNetwork.Attempt);
            if (reason is null)
            {
                return await Isolation.RunInsideAsync(options.ToArguments(), stops);
            }

            await output.WriteLineAsync($"The network stays whole: {reason}.");
        }

        stops = inside ? Isolation.WhenLeft(stops) : stops;
        Directory.CreateDirectory(options.Folder);
        await output.WriteLineAsync($"actorlb-chaos {string.Join(' ', options.ToArguments())}");
        RunHistory history;
        try
        {
            await using IChaosTarget target = options.Target == "compose"
                ? await ComposeTarget.StartAsync(options.Folder, options.Nodes, options.Backends, stops)
                : await ProcessTarget.StartAsync(inside, options.Folder, options.Nodes, options.Backends);
            history = await new ChaosRun(target, options, output).RunAsync(stops);
        }
        catch (InvalidOperationException e)
        {
            await output.WriteLineAsync(e.Message);
            return ChaosCommand.ExitNotPossibleHere;
        }

        RunReport report = await RunReport.WriteAsync(history, options.Folder);
        report.Print(output);
        await output.WriteLineAsync($"The report: {Path.Combine(options.Folder, "report.html")}");
        return report.Held ? 0 : 1;
    }
}

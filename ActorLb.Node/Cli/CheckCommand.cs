using System.CommandLine;
using ActorLb.Node.Reloads;
using ActorLb.Node.Topologies;
using ActorLb.Shared.Settings;

namespace ActorLb.Node.Cli;

/// <summary><c>check -c FILE… [--against FILE…] [--probe]</c>: says everything that is wrong with a configuration, and starts nothing.</summary>
internal static class CheckCommand
{
    public static Command Create(CommandContext context)
    {
        Option<string[]> files = CommonOptions.ConfigurationFiles(takesInput: true);
        var probe = new Option<bool>("--probe")
        {
            Description = "Ask every backend once, as a node's probes do from here, and print what they answer.",
        };
        var against = new Option<string[]>("--against")
        {
            Description = "The files of before: print what a reload would change, and what it would cost clients.",
            HelpName = "FILE",
            AllowMultipleArgumentsPerToken = true,
        };
        var command = new Command("check", "Check a configuration and print all of its mistakes. For example: actorlb check -c node.conf --probe") { files, against, probe };
        command.SetAction(async parsed =>
        {
            ConfigurationReading reading = context.LoadConfiguration(parsed.GetRequiredValue(files));
            Report(context, reading);
            if (reading.Settings is not { } settings)
            {
                return ExitCode.WrongUsage;
            }

            foreach (string warning in await SharedNames.WarningsAsync(settings, context.Resolver, context.Time))
            {
                context.Error.WriteLine($"warning: {warning}");
            }

            context.Out.WriteLine("configuration is good");
            if (parsed.GetValue(against) is { Length: > 0 } earlier)
            {
                ConfigurationReading before = context.LoadConfiguration(earlier);
                if (before.Settings is null)
                {
                    Report(context, before);
                    return ExitCode.WrongUsage;
                }

                Compare(context, before.Settings, settings);
            }

            return parsed.GetValue(probe) ? await ProbeAsync(context, settings) : ExitCode.Good;
        });
        return command;
    }

    private static void Compare(CommandContext context, NodeSettings before, NodeSettings after)
    {
        foreach (SettingDifference change in TopologyDifferences.Between(before.Topology, after.Topology))
        {
            context.Out.WriteLine($"a reload would change {change}");
        }

        foreach (SettingDifference change in TopologyDifferences.OfStatic(before, after))
        {
            context.Out.WriteLine($"a new start would change {change}");
        }

        foreach (string warning in LostSessions.Between(before.Topology, after.Topology))
        {
            context.Error.WriteLine($"warning: {warning}");
        }
    }

    private static async Task<int> ProbeAsync(CommandContext context, NodeSettings settings)
    {
        (IReadOnlyList<string> lines, bool areWell) = await ProbeCheck.RunAsync(settings, context.Resolver, context.Time);
        foreach (string line in lines)
        {
            context.Out.WriteLine(line);
        }

        return areWell ? ExitCode.Good : ExitCode.Failed;
    }

    /// <summary>All warnings and mistakes on stderr, a line each.</summary>
    public static void Report(CommandContext context, ConfigurationReading reading)
    {
        foreach (string warning in reading.Warnings)
        {
            context.Error.WriteLine($"warning: {warning}");
        }

        foreach (string mistake in reading.Mistakes)
        {
            context.Error.WriteLine($"error: {mistake}");
        }
    }
}

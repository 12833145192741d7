using System.CommandLine;

namespace ActorLb.Node.Cli;

/// <summary><c>check -c FILE…</c>: says everything that is wrong with a configuration, and starts nothing.</summary>
public static class CheckCommand
{
    public static Command Create(CommandContext context)
    {
        Option<string[]> files = CommonOptions.ConfigurationFiles();
        var command = new Command("check", "Check a configuration and print all of its mistakes.") { files };
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
            return ExitCode.Good;
        });
        return command;
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

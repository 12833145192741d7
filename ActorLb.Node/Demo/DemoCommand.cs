using System.CommandLine;
using ActorLb.Node.Cli;
using Microsoft.Extensions.Logging;

namespace ActorLb.Node.Demo;

/// <summary><c>demo</c>: three nodes and three sample backends on this machine, and what to try with them.</summary>
internal static class DemoCommand
{
    public static Command Create(CommandContext context) => Create(context, DemoLayout.WellKnown);

    public static Command Create(CommandContext context, DemoLayout layout)
    {
        var processes = new Option<bool>("--processes") { Description = "Each node and backend as a process of its own, so that it can be killed." };
        var restart = new Option<bool>("--restart") { Description = "With --processes: start again what dies." };
        var affinity = new Option<string>("--affinity")
        {
            Description = "cookie keeps a visitor on a server; off shows what happens without.",
            HelpName = "cookie|off",
            DefaultValueFactory = _ => "cookie",
        };
        affinity.Validators.Add(result =>
        {
            if (result.Tokens is [{ Value: not ("cookie" or "off") and var mode }])
            {
                result.AddError($"--affinity: '{mode}' is neither cookie nor off.");
            }
        });
        Option<LogLevel> level = CommonOptions.Level(LogLevel.Error);
        var command = new Command("demo", "Run three nodes and three sample backends on this machine. For example: actorlb demo --processes --restart")
        {
            processes, restart, affinity, level,
        };
        command.Validators.Add(result =>
        {
            if (result.GetValue(restart) && !result.GetValue(processes))
            {
                result.AddError("--restart goes with --processes.");
            }
        });
        command.SetAction(parsed => DemoRun.RunAsync(
            context,
            layout,
            new DemoOptions(parsed.GetValue(processes), parsed.GetValue(restart), parsed.GetValue(affinity) == "cookie", parsed.GetValue(level))));
        return command;
    }
}

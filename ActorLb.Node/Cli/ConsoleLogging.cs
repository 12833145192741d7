using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Console;

namespace ActorLb.Node.Cli;

/// <summary>The log of a node: single lines with UTC timestamps on stderr, so that stdout is left to commands' output.</summary>
internal static class ConsoleLogging
{
    public static ILoggerFactory Create(LogLevel level) => LoggerFactory.Create(logging =>
    {
        logging.SetMinimumLevel(level);
        if (level >= LogLevel.Information)
        {
            // The libraries' own stories are about one request or one start; ours are about the balancer.
            LogLevel libraries = Max(level, LogLevel.Warning);
            logging.AddFilter("Microsoft", libraries);

            // A host that cannot start throws as well, and the command says why in one line.
            logging.AddFilter("Microsoft.Extensions.Hosting.Internal.Host", LogLevel.None);
        }

        logging.Services.AddSingleton<ConsoleFormatter>(new LogLineFormatter(
            TimeProvider.System,
            !Console.IsErrorRedirected && TerminalShape.WantsColour(Environment.GetEnvironmentVariable)));
        logging.AddConsole(console =>
        {
            console.FormatterName = LogLineFormatter.FormatName;
            console.LogToStandardErrorThreshold = LogLevel.Trace;
        });
    });

    private static LogLevel Max(LogLevel a, LogLevel b) => a > b ? a : b;
}

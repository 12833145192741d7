using ActorLb.Shared.Settings;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Console;

namespace ActorLb.Node.Cli;

/// <summary>The log of a node: single lines with UTC timestamps on stderr, so that stdout is left to commands' output.</summary>
internal static class ConsoleLogging
{
    public static ILoggerFactory Create(LogSettings settings) => LoggerFactory.Create(logging =>
    {
        var level = (LogLevel)settings.Level;
        logging.SetMinimumLevel(level);
        if (level >= LogLevel.Information)
        {
            // The libraries' own stories are about one request or one start; ours are about the balancer.
            LogLevel libraries = Max(level, LogLevel.Warning);
            logging.AddFilter("Microsoft", libraries);

            // A host that cannot start throws as well, and the command says why in one line.
            logging.AddFilter("Microsoft.Extensions.Hosting.Internal.Host", LogLevel.None);
        }

        logging.Services.AddSingleton(FormatterOf(settings.Format));
        logging.AddConsole(console =>
        {
            console.FormatterName = settings.Format == LogFormat.Json ? JsonLogFormatter.FormatName : LogLineFormatter.FormatName;
            console.LogToStandardErrorThreshold = LogLevel.Trace;
        });
    });

    private static ConsoleFormatter FormatterOf(LogFormat format) => format == LogFormat.Json
        ? new JsonLogFormatter(TimeProvider.System)
        : new LogLineFormatter(TimeProvider.System, !Console.IsErrorRedirected && TerminalShape.WantsColour(Environment.GetEnvironmentVariable));

    private static LogLevel Max(LogLevel a, LogLevel b) => a > b ? a : b;
}

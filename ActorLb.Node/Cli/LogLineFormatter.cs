using System.Globalization;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Logging.Console;

namespace ActorLb.Node.Cli;

/// <summary>
/// One line an entry: time (UTC), level, category, event id, message, exception. What clients, files and other machines put into a
/// message is shown and does nothing, and cannot look like an entry of its own: see <see cref="VisibleWriter"/>.
/// </summary>
internal sealed class LogLineFormatter(TimeProvider time, bool inColour) : ConsoleFormatter(FormatName)
{
    public const string FormatName = "line";

    private const string ColourEnd = "\u001b[0m";

    public override void Write<TState>(in LogEntry<TState> logEntry, IExternalScopeProvider? scopeProvider, TextWriter textWriter)
    {
        string message = logEntry.Formatter(logEntry.State, logEntry.Exception);
        if (message.Length == 0 && logEntry.Exception is null)
        {
            return;
        }

        (string word, string colour) = Of(logEntry.LogLevel);
        textWriter.Write(time.GetUtcNow().UtcDateTime.ToString("yyyy-MM-ddTHH:mm:ss.fffZ ", CultureInfo.InvariantCulture));
        textWriter.Write(inColour && colour.Length > 0 ? $"{colour}{word}{ColourEnd}" : word);
        textWriter.Write(string.Create(CultureInfo.InvariantCulture, $": {logEntry.Category}[{logEntry.EventId.Id}] "));
        textWriter.Write(InOneLine(message));
        if (logEntry.Exception is { } exception)
        {
            textWriter.Write(' ');
            textWriter.Write(InOneLine(exception.ToString()));
        }

        textWriter.WriteLine();
    }

    private static string InOneLine(string text) => VisibleWriter.Visible(
        text.Replace("\r\n", " ", StringComparison.Ordinal).Replace('\n', ' ').Replace("\r", "\\u000d", StringComparison.Ordinal));

    private static (string Word, string Colour) Of(LogLevel level) => level switch
    {
        LogLevel.Trace => ("trce", ""),
        LogLevel.Debug => ("dbug", ""),
        LogLevel.Information => ("info", "\u001b[32m"),
        LogLevel.Warning => ("warn", "\u001b[33m"),
        LogLevel.Error => ("fail", "\u001b[31m"),
        _ => ("crit", "\u001b[31m"),
    };
}

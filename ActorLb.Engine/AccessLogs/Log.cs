using Microsoft.Extensions.Logging;

namespace ActorLb.Engine.AccessLogs;

/// <summary>What is logged of access logs and the audit log. The number of an entry stays what it is (docs/logs.md), and no other one gets it.</summary>
internal static partial class Log
{
    [LoggerMessage(EventId = 1001, Level = LogLevel.Information, Message = "{Log} {Path} can be written again")]
    public static partial void LogWrittenAgain(ILogger logger, string log, string path);

    [LoggerMessage(EventId = 1002, Level = LogLevel.Warning, Message = "{Log} {Path}: {Lines} line(s) lost ({Why})")]
    public static partial void LinesLost(ILogger logger, string log, string path, long lines, string why);

    [LoggerMessage(EventId = 1003, Level = LogLevel.Warning, Message = "The {Log} could not be written to its end within {Timeout}")]
    public static partial void LogCutShort(ILogger logger, string? log, TimeSpan timeout);

    [LoggerMessage(EventId = 1004, Level = LogLevel.Error, Message = "The {Log} failed")]
    public static partial void LogFailed(ILogger logger, Exception exception, string? log);
}

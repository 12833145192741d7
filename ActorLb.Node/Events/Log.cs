using Microsoft.Extensions.Logging;

namespace ActorLb.Node.Events;

/// <summary>What is logged of events. The number of an entry stays what it is (docs/logs.md), and no other one gets it.</summary>
internal static partial class Log
{
    [LoggerMessage(EventId = 2401, Level = LogLevel.Warning, Message = "{File} cannot be read: {Why}; what has happened before this start is not known")]
    public static partial void EventFileUnread(ILogger logger, string file, string why);

    [LoggerMessage(EventId = 2402, Level = LogLevel.Warning, Message = "{File} cannot be written: {Why}; what happens is kept in memory alone")]
    public static partial void EventFileNotWritten(ILogger logger, string file, string why);

    [LoggerMessage(EventId = 2403, Level = LogLevel.Information, Message = "{File} can be written again")]
    public static partial void EventFileWrittenAgain(ILogger logger, string file);

    [LoggerMessage(EventId = 2404, Message = "{Kind}: {Text}")]
    public static partial void EventNoted(ILogger logger, LogLevel level, string kind, string text);
}

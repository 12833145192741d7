using Microsoft.Extensions.Logging;

namespace ActorLb.Engine.Reports;

/// <summary>What is logged of what happens again and again. The number of an entry stays what it is (docs/logs.md), and no other one gets it.</summary>
internal static partial class Log
{
    [LoggerMessage(EventId = 1701, Level = LogLevel.Warning, Message = "{Address} {What} ({Count} times)")]
    public static partial void ClientReported(ILogger logger, string address, string what, long count);

    [LoggerMessage(EventId = 1702, Level = LogLevel.Warning, Message = "{Count} more of event {Event} in a minute")]
    public static partial void EventRepeated(ILogger logger, long count, int @event);
}

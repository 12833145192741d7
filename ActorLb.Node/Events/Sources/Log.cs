using Microsoft.Extensions.Logging;

namespace ActorLb.Node.Events.Sources;

/// <summary>What is logged of where events are seen. The number of an entry stays what it is (docs/logs.md), and no other one gets it.</summary>
internal static partial class Log
{
    [LoggerMessage(EventId = 2441, Level = LogLevel.Error, Message = "{Source} could not look for events")]
    public static partial void EventSourceFailed(ILogger logger, Exception exception, string source);
}

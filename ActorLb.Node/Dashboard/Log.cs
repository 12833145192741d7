using Microsoft.Extensions.Logging;

namespace ActorLb.Node.Dashboard;

/// <summary>What is logged of the dashboard. The number of an entry stays what it is (docs/logs.md), and no other one gets it.</summary>
internal static partial class Log
{
    [LoggerMessage(EventId = 2301, Level = LogLevel.Error, Message = "The figures of a second could not be read")]
    public static partial void FiguresUnread(ILogger logger, Exception exception);

    [LoggerMessage(EventId = 2302, Level = LogLevel.Error, Message = "What is happening could not be told to those who follow it")]
    public static partial void LiveFeedFailed(ILogger logger, Exception exception);
}

using Microsoft.Extensions.Logging;

namespace ActorLb.Engine.Epoll;

/// <summary>What is logged of the event loops. The number of an entry stays what it is (docs/logs.md), and no other one gets it.</summary>
internal static partial class Log
{
    [LoggerMessage(EventId = 1201, Level = LogLevel.Error, Message = "A connection failed within the balancer.")]
    public static partial void ConnectionFailedWithin(ILogger logger, Exception exception);

    [LoggerMessage(EventId = 1202, Level = LogLevel.Critical, Message = "An event loop failed; {What}")]
    public static partial void LoopFailed(ILogger logger, Exception exception, string what);
}

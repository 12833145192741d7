using Microsoft.Extensions.Logging;

namespace ActorLb.Node.Supervision;

/// <summary>What is logged of actors that fail. The number of an entry stays what it is (docs/logs.md), and no other one gets it.</summary>
internal static partial class Log
{
    [LoggerMessage(EventId = 3501, Level = LogLevel.Error, Message = "{Actor} failed, and starts anew")]
    public static partial void ActorFailed(ILogger logger, Exception exception, string actor);

    [LoggerMessage(EventId = 3502, Level = LogLevel.Error, Message = "{Actor} has failed {Count} times in a row, and is started anew every {Seconds} s: {Why}")]
    public static partial void ActorFailsOn(ILogger logger, string actor, int count, double seconds, string why);
}

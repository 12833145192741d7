using Microsoft.Extensions.Logging;

namespace ActorLb.Node.Wire;

/// <summary>What is logged of what may cross between nodes. The number of an entry stays what it is (docs/logs.md), and no other one gets it.</summary>
internal static partial class Log
{
    [LoggerMessage(EventId = 3701, Level = LogLevel.Warning, Message = "Refused on the wire: {What} ({Others} more since the last warning)")]
    public static partial void WireRefused(ILogger logger, string what, long others);
}

using Microsoft.Extensions.Logging;

namespace ActorLb.Node.Cluster.Clocks;

/// <summary>What is logged of the time of sessions. The number of an entry stays what it is (docs/logs.md), and no other one gets it.</summary>
internal static partial class Log
{
    [LoggerMessage(EventId = 2241, Level = LogLevel.Warning, Message = "The time of sessions was set {Direction} by {Step}, to what {Clocks}: no session ends by that")]
    public static partial void SessionTimeSet(ILogger logger, string direction, string step, string clocks);

    [LoggerMessage(EventId = 2242, Level = LogLevel.Warning, Message = "This node cut off sessions by a clock that was ahead of the others'. Starting anew without what it cut off")]
    public static partial void SessionsCutOffByClock(ILogger logger);

    [LoggerMessage(EventId = 2243, Level = LogLevel.Warning, Message = "The clock of {Node} is {Offset} {Direction} {Others}; sessions do not go by it, and idle-timeout needs clocks that agree: is NTP running?")]
    public static partial void ClockOff(ILogger logger, string node, string offset, string direction, string others);

    [LoggerMessage(EventId = 2244, Level = LogLevel.Information, Message = "The clock of {Node} shows what the others show")]
    public static partial void ClockGood(ILogger logger, string node);
}

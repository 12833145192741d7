using System.Net;
using ActorLb.Shared.Settings;
using Microsoft.Extensions.Logging;

namespace ActorLb.Engine.Lanes;

/// <summary>What is logged of lanes and listeners that open. The number of an entry stays what it is (docs/logs.md), and no other one gets it.</summary>
internal static partial class Log
{
    [LoggerMessage(EventId = 1501, Level = LogLevel.Debug, Message = "Listener {Listener} is served at {Address} by {Engine}")]
    public static partial void ListenerOpened(ILogger logger, string listener, IPEndPoint address, ListenerEngine engine);

    [LoggerMessage(EventId = 1502, Level = LogLevel.Information, Message = "Listener {Listener} is served by Kestrel: {Reason}")]
    public static partial void ServedByKestrel(ILogger logger, string listener, string reason);

    [LoggerMessage(EventId = 1503, Level = LogLevel.Warning, Message = "Out of memory: new {What} are refused ({Used} MiB in use, limits.memory is {Limit})")]
    public static partial void MemoryFull(ILogger logger, string what, long used, long limit);

    [LoggerMessage(EventId = 1504, Level = LogLevel.Warning, Message = "There is memory again: requests are taken ({Used} MiB in use, limits.memory is {Limit})")]
    public static partial void MemoryFree(ILogger logger, long used, long limit);
}

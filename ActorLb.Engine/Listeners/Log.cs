using System.Net;
using Microsoft.Extensions.Logging;

namespace ActorLb.Engine.Listeners;

/// <summary>What is logged of listeners that leave. The number of an entry stays what it is (docs/logs.md), and no other one gets it.</summary>
internal static partial class Log
{
    [LoggerMessage(EventId = 1601, Level = LogLevel.Error, Message = "Listener {Listener} could not be closed in good order")]
    public static partial void ListenerClosedBadly(ILogger logger, Exception exception, string listener);

    [LoggerMessage(EventId = 1602, Level = LogLevel.Information, Message = "Listener {Listener} is no longer at {Address}; what came there goes on to its end")]
    public static partial void ListenerLeaves(ILogger logger, string listener, IPEndPoint address);
}

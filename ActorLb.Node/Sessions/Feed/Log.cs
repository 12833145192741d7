using Microsoft.Extensions.Logging;

namespace ActorLb.Node.Sessions.Feed;

/// <summary>What is logged of what the data plane says of sessions. The number of an entry stays what it is (docs/logs.md), and no other one gets it.</summary>
internal static partial class Log
{
    [LoggerMessage(EventId = 3321, Level = LogLevel.Warning, Message = "Tickets of the key {Key:x4} come again and again, and this cluster has no such key: is there another ActorLb cluster under the same host name, at another port, before or behind this one? Give each its own cluster.name")]
    public static partial void UnknownKey(ILogger logger, ushort key);
}

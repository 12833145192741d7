using Microsoft.Extensions.Logging;

namespace ActorLb.Node.Sessions.Replication;

/// <summary>What is logged of bindings of other nodes. The number of an entry stays what it is (docs/logs.md), and no other one gets it.</summary>
internal static partial class Log
{
    [LoggerMessage(EventId = 3361, Level = LogLevel.Warning, Message = "The tables are filled only in part, gossip brings the rest: {Shortfall}")]
    public static partial void TablesFilledInPart(ILogger logger, object? shortfall);
}

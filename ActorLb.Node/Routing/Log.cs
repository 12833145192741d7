using Microsoft.Extensions.Logging;

namespace ActorLb.Node.Routing;

/// <summary>What is logged of pools and names of backends. The number of an entry stays what it is (docs/logs.md), and no other one gets it.</summary>
internal static partial class Log
{
    [LoggerMessage(EventId = 3201, Level = LogLevel.Warning, Message = "The name {Name} of a backend does not resolve; what it led to is kept")]
    public static partial void BackendNameUnresolved(ILogger logger, string name);

    [LoggerMessage(EventId = 3202, Level = LogLevel.Information, Message = "The name {Name} leads to {Addresses} now; connections to where it led before are closed")]
    public static partial void BackendNameMoved(ILogger logger, string name, string addresses);

    [LoggerMessage(EventId = 3203, Level = LogLevel.Information, Message = "The name {Name} leads to {Count} addresses: {Addresses} are tried in this order until one takes the connection. dns://{Name} makes each a backend")]
    public static partial void BackendNameHasMany(ILogger logger, string name, int count, string addresses);

    [LoggerMessage(EventId = 3204, Level = LogLevel.Warning, Message = "The name {Name} of pool {Pool} does not resolve; what it led to is kept")]
    public static partial void PoolNameUnresolved(ILogger logger, string name, string pool);

    [LoggerMessage(EventId = 3205, Level = LogLevel.Information, Message = "Pool {Pool} has {Backends}")]
    public static partial void PoolBackendsChanged(ILogger logger, string pool, string backends);

    [LoggerMessage(EventId = 3206, Level = LogLevel.Warning, Message = "Pool {Pool} sends new sessions to its backups ({Backups}): no other backend takes them")]
    public static partial void BackupsTakeSessions(ILogger logger, string pool, string backups);

    [LoggerMessage(EventId = 3207, Level = LogLevel.Information, Message = "Pool {Pool} sends no new sessions to its backups any more, as it did for {Seconds} s{Why}")]
    public static partial void BackupsRest(ILogger logger, string pool, long seconds, string why);
}

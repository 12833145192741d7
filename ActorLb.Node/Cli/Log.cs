using Microsoft.Extensions.Logging;

namespace ActorLb.Node.Cli;

/// <summary>What is logged of the command line. The number of an entry stays what it is (docs/logs.md), and no other one gets it.</summary>
internal static partial class Log
{
    [LoggerMessage(EventId = 2101, Level = LogLevel.Information, Message = "{Node} serves")]
    public static partial void NodeStarted(ILogger logger, string node);

    [LoggerMessage(EventId = 2102, Level = LogLevel.Information, Message = "The admin API's token 'default' comes from the environment ({Variable}), and its role is operate: no file says admin.token or admin.tokens")]
    public static partial void TokenFromEnvironment(ILogger logger, string variable);

    [LoggerMessage(EventId = 2103, Level = LogLevel.Debug, Message = "The start failed")]
    public static partial void NodeNotStarted(ILogger logger, Exception exception);

    [LoggerMessage(EventId = 2104, Level = LogLevel.Warning, Message = "{Signal} came and does nothing: SIGTERM, SIGINT and SIGQUIT stop the node, SIGHUP has it read its files again")]
    public static partial void SignalUnused(ILogger logger, string signal);

    [LoggerMessage(EventId = 2105, Level = LogLevel.Information, Message = "{Node} leaves, within {Timeout}")]
    public static partial void NodeLeaves(ILogger logger, string node, TimeSpan timeout);

    [LoggerMessage(EventId = 2106, Level = LogLevel.Information, Message = "{Node} has left")]
    public static partial void NodeLeft(ILogger logger, string node);
}

using ActorLb.Shared.Backends;
using Microsoft.Extensions.Logging;

namespace ActorLb.Node.Operator;

/// <summary>What is logged of operators' decisions. The number of an entry stays what it is (docs/logs.md), and no other one gets it.</summary>
internal static partial class Log
{
    [LoggerMessage(EventId = 2701, Level = LogLevel.Warning, Message = "No majority of the nodes keeps {Decision} yet; it spreads when they can be reached, and is written when that is possible (not on disk at: {Nodes})")]
    public static partial void NoMajorityKeeps(ILogger logger, string decision, string nodes);

    [LoggerMessage(EventId = 2702, Level = LogLevel.Warning, Message = "{Nodes} may not go by {Decision} yet")]
    public static partial void NotInForceAt(ILogger logger, string nodes, string decision);

    [LoggerMessage(EventId = 2703, Level = LogLevel.Error, Message = "The operator's decisions cannot be read")]
    public static partial void DecisionsUnread(ILogger logger, Exception exception);

    [LoggerMessage(EventId = 2704, Level = LogLevel.Information, Message = "The operator sets {Backend} to {State}")]
    public static partial void BackendSet(ILogger logger, BackendName backend, OperatorState state);

    [LoggerMessage(EventId = 2705, Level = LogLevel.Warning, Message = "{Backend} is there again, and {State} by what the operator decided before: \"actorlb ready {Name}\" ends that")]
    public static partial void DecidedBefore(ILogger logger, BackendName backend, OperatorState state, BackendName name);

    [LoggerMessage(EventId = 2706, Level = LogLevel.Error, Message = "The operator's decision is not on disk yet: {Why}")]
    public static partial void DecisionNotOnDisk(ILogger logger, string why);
}

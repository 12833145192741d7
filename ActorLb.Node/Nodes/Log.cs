using Microsoft.Extensions.Logging;

namespace ActorLb.Node.Nodes;

/// <summary>What is logged of a node as a whole. The number of an entry stays what it is (docs/logs.md), and no other one gets it.</summary>
internal static partial class Log
{
    [LoggerMessage(EventId = 2601, Level = LogLevel.Information, Message = "Node {Node} serves {Listeners} after {Elapsed} ms")]
    public static partial void NodeServes(ILogger logger, string node, string listeners, long elapsed);

    [LoggerMessage(EventId = 2602, Level = LogLevel.Warning, Message = "No {What} after {Timeout}: serving without")]
    public static partial void ServingWithout(ILogger logger, string what, TimeSpan timeout);

    [LoggerMessage(EventId = 2603, Level = LogLevel.Warning, Message = "Of {Limit} descriptors {Used} are in use and {Reserve} kept back: at most {Clients} clients at a time, not the {Max} of each listener (limits.connections-max); {Raise}")]
    public static partial void DescriptorsTooFew(ILogger logger, long limit, int used, int reserve, int clients, int max, string raise);

    [LoggerMessage(EventId = 2604, Level = LogLevel.Information, Message = "Of {Limit} descriptors {Used} are in use and {Reserve} kept back: room for {Clients} clients at a time")]
    public static partial void DescriptorsEnough(ILogger logger, long limit, int used, int reserve, int clients);

    [LoggerMessage(EventId = 2605, Level = LogLevel.Critical, Message = "The node cannot go on; {Part}: {Why}")]
    public static partial void NodeCannotGoOn(ILogger logger, string part, string why);
}

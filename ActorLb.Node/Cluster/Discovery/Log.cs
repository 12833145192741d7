using Microsoft.Extensions.Logging;

namespace ActorLb.Node.Cluster.Discovery;

/// <summary>What is logged of how nodes find each other. The number of an entry stays what it is (docs/logs.md), and no other one gets it.</summary>
internal static partial class Log
{
    [LoggerMessage(EventId = 2281, Level = LogLevel.Warning, Message = "The node at {Address} is of the cluster {Other} and this one of {Own}: they stay apart. If they belong together, give them the same cluster.name; if not, take it out of the seeds")]
    public static partial void ForeignCluster(ILogger logger, object? address, string other, string own);

    [LoggerMessage(EventId = 2282, Level = LogLevel.Warning, Message = "Not taken in after {Timeout}: looking for the cluster anew")]
    public static partial void NotTakenIn(ILogger logger, TimeSpan timeout);

    [LoggerMessage(EventId = 2283, Level = LogLevel.Warning, Message = "{Address} is no address of this machine any more. Starting anew at the one that it has now")]
    public static partial void OwnAddressGone(ILogger logger, string address);

    [LoggerMessage(EventId = 2284, Level = LogLevel.Information, Message = "Two clusters have met and become one: this node leaves its own ({Own}) for the other ({Other})")]
    public static partial void ClustersMet(ILogger logger, object? own, object? other);

    [LoggerMessage(EventId = 2285, Level = LogLevel.Information, Message = "No other node has a cluster: forming one")]
    public static partial void ClusterFormed(ILogger logger);

    [LoggerMessage(EventId = 2286, Level = LogLevel.Information, Message = "Joining the cluster of {Members}")]
    public static partial void ClusterJoined(ILogger logger, string members);

    [LoggerMessage(EventId = 2287, Level = LogLevel.Warning, Message = "The name {Name} does not resolve; it is looked up again and again")]
    public static partial void NodesNameUnresolved(ILogger logger, string name);
}

using Microsoft.Extensions.Logging;

namespace ActorLb.Node.Cluster;

/// <summary>What is logged of the cluster. The number of an entry stays what it is (docs/logs.md), and no other one gets it.</summary>
internal static partial class Log
{
    [LoggerMessage(EventId = 2201, Level = LogLevel.Warning, Message = "Not in the cluster after {Timeout}: serving without it, and joining goes on")]
    public static partial void NotJoinedYet(ILogger logger, TimeSpan timeout);

    [LoggerMessage(EventId = 2202, Level = LogLevel.Information, Message = "The control plane listens on {Address}")]
    public static partial void ControlPlaneListens(ILogger logger, object? address);

    [LoggerMessage(EventId = 2203, Level = LogLevel.Information, Message = "The actors start anew to join the other nodes; requests are served meanwhile")]
    public static partial void ActorsMove(ILogger logger);

    [LoggerMessage(EventId = 2204, Level = LogLevel.Warning, Message = "The actor system ended ({Reason}); the data plane goes on, and the next one starts in {Seconds} s")]
    public static partial void ActorSystemEnded(ILogger logger, object? reason, double seconds);

    [LoggerMessage(EventId = 2205, Level = LogLevel.Warning, Message = "The actor system was aborted: {Why}")]
    public static partial void ActorSystemAborted(ILogger logger, object? why);

    [LoggerMessage(EventId = 2206, Level = LogLevel.Error, Message = "The actor system did not start; the next try is in {Seconds} s")]
    public static partial void ActorSystemNotStarted(ILogger logger, Exception exception, double seconds);

    [LoggerMessage(EventId = 2207, Level = LogLevel.Error, Message = "For {Seconds} s the owners of sessions cannot be assigned, as too few members answer: sessions whose owner was on a node that is gone are served, but not remembered")]
    public static partial void OwnersUnassigned(ILogger logger, int seconds);

    [LoggerMessage(EventId = 2208, Level = LogLevel.Warning, Message = "{Witness} hears {Older}, which is older: waiting for its decision")]
    public static partial void OlderDecides(ILogger logger, object? witness, object? older);

    [LoggerMessage(EventId = 2209, Level = LogLevel.Warning, Message = "Going on without {Member}: unreachable for {Seconds} s")]
    public static partial void NodeDowned(ILogger logger, object? member, double seconds);

    [LoggerMessage(EventId = 2210, Level = LogLevel.Warning, Message = "{Member} went on without this node: starting anew")]
    public static partial void DownedByOthers(ILogger logger, object? member);

    [LoggerMessage(EventId = 2211, Level = LogLevel.Warning, Message = "This node was too busy to send its heartbeats for {Milliseconds} ms: the others take it for dead where that lasts some seconds")]
    public static partial void HeartbeatsLate(ILogger logger, string milliseconds);

    [LoggerMessage(EventId = 2212, Level = LogLevel.Warning, Message = "{Name} ({Address}) does not answer")]
    public static partial void NodeUnreachable(ILogger logger, string name, object? address);

    [LoggerMessage(EventId = 2213, Level = LogLevel.Error, Message = "{Count} nodes are called {Name}: {Addresses}. Each needs a name of its own (node.name); the younger one ends unless the other is gone soon")]
    public static partial void NodeNameTwice(ILogger logger, int count, string name, string addresses);

    [LoggerMessage(EventId = 2214, Level = LogLevel.Information, Message = "Members: {Members}")]
    public static partial void MembersChanged(ILogger logger, string members);

    [LoggerMessage(EventId = 2215, Level = LogLevel.Warning, Message = "Somebody calls this node {Called}, and it answers to {Own} alone: the seeds of all nodes need each node's cluster.host, letter by letter")]
    public static partial void WrongName(ILogger logger, string called, string own);
}

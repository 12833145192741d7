using Microsoft.Extensions.Logging;

namespace ActorLb.Node.Cluster.Connections;

/// <summary>What is logged of connections between nodes. The number of an entry stays what it is (docs/logs.md), and no other one gets it.</summary>
internal static partial class Log
{
    [LoggerMessage(EventId = 2261, Level = LogLevel.Warning, Message = "Refused {Peer} as a node of this cluster: {Why}")]
    public static partial void PeerRefused(ILogger logger, string peer, string why);

    [LoggerMessage(EventId = 2262, Level = LogLevel.Warning, Message = "Refused {Peer} as a node of this cluster {More} more times within a minute, at last because {Why}")]
    public static partial void PeerRefusedAgain(ILogger logger, string peer, long more, string why);
}

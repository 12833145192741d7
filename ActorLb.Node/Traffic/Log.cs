using Microsoft.Extensions.Logging;

namespace ActorLb.Node.Traffic;

/// <summary>What is logged of what nodes have in common. The number of an entry stays what it is (docs/logs.md), and no other one gets it.</summary>
internal static partial class Log
{
    [LoggerMessage(EventId = 3601, Level = LogLevel.Warning, Message = "{Node} goes by another configuration than this node (fingerprint {Theirs:x8} there, {Own:x8} here): \"actorlb diff --nodes\" shows in which keys")]
    public static partial void ConfigurationDiffers(ILogger logger, string node, uint theirs, uint own);

    [LoggerMessage(EventId = 3602, Level = LogLevel.Information, Message = "{Node} goes by the same configuration as this node again (fingerprint {Own:x8})")]
    public static partial void ConfigurationSame(ILogger logger, string node, uint own);
}

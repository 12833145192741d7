using Microsoft.Extensions.Logging;

namespace ActorLb.Node.Storage;

/// <summary>What is logged of the node's file. The number of an entry stays what it is (docs/logs.md), and no other one gets it.</summary>
internal static partial class Log
{
    [LoggerMessage(EventId = 3401, Level = LogLevel.Warning, Message = "{File}: {What}")]
    public static partial void FileNoted(ILogger logger, string file, string what);

    [LoggerMessage(EventId = 3402, Level = LogLevel.Warning, Message = "{File} can be written again; everything is in it")]
    public static partial void FileWrittenAgain(ILogger logger, string file);

    [LoggerMessage(EventId = 3403, Level = LogLevel.Error, Message = "{File} cannot be written: {Why}. The node goes on and tries again each second")]
    public static partial void FileNotWritten(ILogger logger, string file, string why);

    [LoggerMessage(EventId = 3404, Level = LogLevel.Error, Message = "{File} is left alone: {Why}. Nothing of this node outlives it")]
    public static partial void FileLeftAlone(ILogger logger, string file, string why);
}

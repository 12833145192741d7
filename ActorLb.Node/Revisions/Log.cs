using Microsoft.Extensions.Logging;

namespace ActorLb.Node.Revisions;

/// <summary>What is logged of revisions. The number of an entry stays what it is (docs/logs.md), and no other one gets it.</summary>
internal static partial class Log
{
    [LoggerMessage(EventId = 3101, Level = LogLevel.Warning, Message = "{Revision} was written by a majority, and the node that took it did not say so: it is decided")]
    public static partial void RevisionCommitted(ILogger logger, object? revision);

    [LoggerMessage(EventId = 3102, Level = LogLevel.Warning, Message = "{Revision} was not written by a majority, and the node that took it is gone: it was not decided")]
    public static partial void RevisionDropped(ILogger logger, object? revision);

    [LoggerMessage(EventId = 3103, Level = LogLevel.Error, Message = "{Revision} cannot be read")]
    public static partial void RevisionUnread(ILogger logger, Exception exception, object? revision);

    [LoggerMessage(EventId = 3104, Level = LogLevel.Error, Message = "This node cannot run {Revision}, which is in force: {Why}")]
    public static partial void RevisionNotRunnable(ILogger logger, object? revision, string why);

    [LoggerMessage(EventId = 3105, Level = LogLevel.Information, Message = "{Revision} is to be in force{Note}")]
    public static partial void RevisionDecided(ILogger logger, object? revision, string note);

    [LoggerMessage(EventId = 3106, Level = LogLevel.Warning, Message = "Two sides gave out the same number: {Winner} is in force, and {Loser} is not; it stays in the history as {Number}@{Node}")]
    public static partial void RevisionTwice(ILogger logger, object? winner, object? loser, object? number, object? node);

    [LoggerMessage(EventId = 3107, Level = LogLevel.Error, Message = "What was kept as {Name} cannot be read")]
    public static partial void KeptUnread(ILogger logger, Exception exception, string name);

    [LoggerMessage(EventId = 3108, Level = LogLevel.Error, Message = "What is to be kept as {Name} is not on disk yet: {Why}")]
    public static partial void KeptNotOnDisk(ILogger logger, string name, string why);

    [LoggerMessage(EventId = 3109, Level = LogLevel.Information, Message = "Revision {Revision} is in force on this node")]
    public static partial void RevisionInForce(ILogger logger, object? revision);

    [LoggerMessage(EventId = 3110, Level = LogLevel.Error, Message = "This node cannot go over to revision {Revision}, keeps what it has, and tries again: {Why}")]
    public static partial void RevisionNotInForce(ILogger logger, object? revision, string why);
}

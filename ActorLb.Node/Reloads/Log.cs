using Microsoft.Extensions.Logging;

namespace ActorLb.Node.Reloads;

/// <summary>What is logged of files that are read again. The number of an entry stays what it is (docs/logs.md), and no other one gets it.</summary>
internal static partial class Log
{
    [LoggerMessage(EventId = 3001, Level = LogLevel.Information, Message = "Files read again {By}: in force by it ({Count}): {Changes} (fingerprint {Before:x8} -> {After:x8})")]
    public static partial void FilesInForce(ILogger logger, string by, int count, string changes, uint before, uint after);

    [LoggerMessage(EventId = 3002, Level = LogLevel.Information, Message = "Files read again {By}: they say what is in force already")]
    public static partial void FilesUnchanged(ILogger logger, string by);

    [LoggerMessage(EventId = 3003, Level = LogLevel.Warning, Message = "Files read again {By}: a revision is in force, and they have no say before actorlb apply --release")]
    public static partial void FilesOverruled(ILogger logger, string by);

    [LoggerMessage(EventId = 3004, Level = LogLevel.Warning, Message = "Files read again {By} and refused, nothing has changed; mistakes: {Count}: {Mistakes}")]
    public static partial void FilesRefused(ILogger logger, string by, int count, string mistakes);

    [LoggerMessage(EventId = 3005, Level = LogLevel.Warning, Message = "Changed in the files, and in force after a new start only: {Keys}")]
    public static partial void FilesNeedStart(ILogger logger, string keys);

    [LoggerMessage(EventId = 3006, Level = LogLevel.Warning, Message = "Of the files: {Warning}")]
    public static partial void FilesWarning(ILogger logger, string warning);

    [LoggerMessage(EventId = 3007, Level = LogLevel.Error, Message = "The files could not be read again")]
    public static partial void FilesNotRead(ILogger logger, Exception exception);

    [LoggerMessage(EventId = 3008, Level = LogLevel.Warning, Message = "{File} cannot be read any more ({Why}); what was read of it stays in force")]
    public static partial void FileGone(ILogger logger, string file, string why);

    [LoggerMessage(EventId = 3009, Level = LogLevel.Information, Message = "{File} can be read again")]
    public static partial void FileBack(ILogger logger, string file);
}

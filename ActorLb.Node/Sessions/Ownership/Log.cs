using ActorLb.Shared.Backends;
using Microsoft.Extensions.Logging;

namespace ActorLb.Node.Sessions.Ownership;

/// <summary>What is logged of owners of sessions. The number of an entry stays what it is (docs/logs.md), and no other one gets it.</summary>
internal static partial class Log
{
    [LoggerMessage(EventId = 3341, Message = "Bucket {Bucket} could not be written: {Failure}")]
    public static partial void BucketNotWritten(ILogger logger, LogLevel level, object? bucket, object? failure);

    [LoggerMessage(EventId = 3342, Level = LogLevel.Warning, Message = "The sessions of {Backend} are to leave it, and no other backend of the pool takes new ones: they stay until one does")]
    public static partial void SessionsCannotLeave(ILogger logger, BackendName backend);

    [LoggerMessage(EventId = 3343, Level = LogLevel.Information, Message = "The sessions of {Backend} leave it now")]
    public static partial void SessionsLeave(ILogger logger, BackendName backend);
}

using ActorLb.Shared.Sessions;
using Microsoft.Extensions.Logging;

namespace ActorLb.Node.Sessions.Decisions;

/// <summary>What is logged of operators' decisions about sessions. The number of an entry stays what it is (docs/logs.md), and no other one gets it.</summary>
internal static partial class Log
{
    [LoggerMessage(EventId = 3301, Level = LogLevel.Information, Message = "The operator ends session {Session} of pool {Pool}")]
    public static partial void SessionEnded(ILogger logger, SessionId session, string pool);

    [LoggerMessage(EventId = 3302, Level = LogLevel.Information, Message = "The operator moves session {Session} of pool {Pool}{How}")]
    public static partial void SessionMoved(ILogger logger, SessionId session, string pool, string how);
}

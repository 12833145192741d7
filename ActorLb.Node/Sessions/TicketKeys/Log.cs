using Microsoft.Extensions.Logging;

namespace ActorLb.Node.Sessions.TicketKeys;

/// <summary>What is logged of ticket keys. The number of an entry stays what it is (docs/logs.md), and no other one gets it.</summary>
internal static partial class Log
{
    [LoggerMessage(EventId = 3381, Level = LogLevel.Error, Message = "The ticket keys cannot be read")]
    public static partial void KeysUnread(ILogger logger, Exception exception);

    [LoggerMessage(EventId = 3382, Level = LogLevel.Error, Message = "The ticket keys could not be kept; after a restart of all nodes their tickets will not be known")]
    public static partial void KeysNotKept(ILogger logger, Exception exception);

    [LoggerMessage(EventId = 3383, Level = LogLevel.Information, Message = "Tickets are signed with {Key} from now on, before with {Before}")]
    public static partial void SignerChanged(ILogger logger, object? key, object? before);
}

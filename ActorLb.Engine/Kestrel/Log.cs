using System.Net;
using Microsoft.Extensions.Logging;

namespace ActorLb.Engine.Kestrel;

/// <summary>What is logged of the Kestrel lane. The number of an entry stays what it is (docs/logs.md), and no other one gets it.</summary>
internal static partial class Log
{
    [LoggerMessage(EventId = 1401, Level = LogLevel.Warning, Message = "{Address} had its client certificate refused by listener {Listener}: {Why}")]
    public static partial void ClientCertificateRefused(ILogger logger, string address, string listener, string why);

    [LoggerMessage(EventId = 1402, Level = LogLevel.Warning, Message = "{Backend} has ended a connection of HTTP/2 by an error, or without a word. Clients whose requests had no answer there, and one of whose may be why, have connections of their own for a while: {Clients} more.")]
    public static partial void Http2ConnectionEnded(ILogger logger, Uri backend, int clients);

    [LoggerMessage(EventId = 1403, Level = LogLevel.Error, Message = "An open exchange could not be looked at.")]
    public static partial void OpenExchangeUnseen(ILogger logger, Exception exception);

    [LoggerMessage(EventId = 1404, Level = LogLevel.Error, Message = "Listener {Listener} is not served by HTTP/3 at {Address}")]
    public static partial void Http3NotServed(ILogger logger, Exception why, string listener, IPEndPoint address);

    [LoggerMessage(EventId = 1405, Level = LogLevel.Warning, Message = "Listener {Listener} is served without HTTP/3: {Why}")]
    public static partial void Http3Missing(ILogger logger, string listener, string why);

    [LoggerMessage(EventId = 1406, Level = LogLevel.Critical, Message = "Listener {Listener} accepts no more")]
    public static partial void ListenerAcceptsNoMore(ILogger logger, Exception exception, string listener);
}

using System.Net;
using System.Net.Sockets;

namespace ActorLb.Engine.Listeners;

/// <summary>Says in one line why an address cannot be listened on, and which key of the configuration names it.</summary>
public static class BindFailure
{
    /// <param name="key">Below actorlb.</param>
    /// <param name="cause">Whatever was thrown; what the system said is somewhere in it.</param>
    public static IOException Of(string key, IPEndPoint bind, Exception cause) => new($"cannot listen on {bind} ({key}): {Why(cause)}", cause);

    /// <summary>What the system said, in our words where operators meet it.</summary>
    public static string Why(Exception cause) => SocketFailureIn(cause) switch
    {
        { SocketErrorCode: SocketError.AddressAlreadyInUse } => "another process listens there",
        { SocketErrorCode: SocketError.AddressNotAvailable } => "this machine has no such address",
        { SocketErrorCode: SocketError.AccessDenied } => "this user may not (ports below 1024 need CAP_NET_BIND_SERVICE)",
        { } socket => socket.Message,
        null => cause.GetBaseException().Message,
    };

    private static SocketException? SocketFailureIn(Exception cause) => cause switch
    {
        SocketException socket => socket,
        AggregateException several => several.InnerExceptions.Select(SocketFailureIn).FirstOrDefault(s => s is not null),
        { InnerException: { } inner } => SocketFailureIn(inner),
        _ => null,
    };
}

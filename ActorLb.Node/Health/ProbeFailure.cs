using System.Net.Sockets;
using System.Security.Authentication;

namespace ActorLb.Node.Health;

/// <summary>Says in a few words why a backend could not be reached.</summary>
internal static class ProbeFailure
{
    public static ProbeResult Of(Exception exception) => new(Passed: false, Describe(exception));

    private static string Describe(Exception exception) => exception switch
    {
        SocketException socket => Describe(socket.SocketErrorCode),
        AuthenticationException => "certificate refused",
        HttpRequestException { HttpRequestError: HttpRequestError.NameResolutionError } => "host not found",
        HttpRequestException { HttpRequestError: HttpRequestError.InvalidResponse } => "not an HTTP answer",
        HttpRequestException { HttpRequestError: HttpRequestError.ResponseEnded } => "connection closed",
        HttpRequestException { HttpRequestError: HttpRequestError.ConfigurationLimitExceeded } => "headers too long",
        HttpRequestException { InnerException: { } inner } => Describe(inner),
        HttpRequestException { HttpRequestError: HttpRequestError.SecureConnectionError } => "TLS failed",
        HttpIOException { HttpRequestError: HttpRequestError.ResponseEnded } => "connection closed",
        IOException { InnerException: { } inner } => Describe(inner),
        _ => exception.GetType().Name,
    };

    private static string Describe(SocketError error) => error switch
    {
        SocketError.ConnectionRefused => "connection refused",
        SocketError.ConnectionReset => "connection reset",
        SocketError.TimedOut => "timed out",
        SocketError.HostNotFound or SocketError.TryAgain or SocketError.NoData => "host not found",
        SocketError.HostUnreachable or SocketError.NetworkUnreachable => "unreachable",
        _ => error.ToString(),
    };
}

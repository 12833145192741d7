using System.Net.Sockets;
using System.Security.Authentication;
using ActorLb.Engine.Backends;
using ActorLb.Engine.Certificates;
using ActorLb.Engine.Http2.Client;

namespace ActorLb.Node.Health;

/// <summary>Says in a few words why a backend could not be reached.</summary>
internal static class ProbeFailure
{
    public static ProbeResult Of(Exception exception) => new(Passed: false, Describe(exception))
    {
        CouldNotConnect = exception is SocketException,
        SaysNothing = ConnectFault.IsOurOwn(exception),
    };

    private static string Describe(Exception exception) => exception switch
    {
        SocketException socket => Describe(socket.SocketErrorCode),
        BackendCertificateException refused => refused.Message,
        AuthenticationException => $"TLS failed: {TlsReason(exception.GetBaseException().Message)}",
        Http2FailureException failure => failure.Message,
        IOException { InnerException: { } inner } => Describe(inner),
        IOException => "connection closed",
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

    // "error:0A000412:SSL routines::sslv3 alert bad certificate": what stands last says it.
    private static string TlsReason(string message) =>
        message[(message.LastIndexOf("::", StringComparison.Ordinal) is var at and >= 0 ? at + 2 : 0)..].ReplaceLineEndings(" ").TrimEnd('.', ' ');
}

using System.Net.Sockets;
using ActorLb.Engine.Traffic;
using Microsoft.AspNetCore.Http;
using Yarp.ReverseProxy.Forwarder;

namespace ActorLb.Engine.Forwarding;

/// <summary>Names what went wrong in one attempt, from the forwarder's error and the exception below it. Pure.</summary>
internal static class FailureCause
{
    /// <param name="clientGone">The client ended its connection or its stream before we did.</param>
    /// <param name="clientStalled">The client took nothing of its answer for too long.</param>
    /// <param name="clientOwesBody">The forwarder was waiting for the client's body when it gave up.</param>
    public static FailureReason Of(ForwarderError error, Exception? exception, bool clientGone, bool clientStalled, bool clientOwesBody)
    {
        if (clientGone)
        {
            return FailureReason.ClientGone;
        }

        if (clientStalled)
        {
            return FailureReason.ClientTimeout;
        }

        return error switch
        {
            ForwarderError.None => FailureReason.None,
            ForwarderError.RequestTimedOut => OfTimeout(exception, clientOwesBody),
            ForwarderError.RequestBodyClient => OfClientBody(exception),
            ForwarderError.RequestCanceled or ForwarderError.RequestBodyCanceled =>
                clientOwesBody ? FailureReason.ClientTimeout : FailureReason.BackendTimeout,
            ForwarderError.RequestCreation => FailureReason.InternalError,
            ForwarderError.ResponseHeaders => FailureReason.BackendBadResponse,
            ForwarderError.ResponseBodyDestination when exception is OperationCanceledException => FailureReason.BackendTimeout,
            ForwarderError.ResponseBodyClient or ForwarderError.UpgradeRequestClient or ForwarderError.UpgradeResponseClient =>
                FailureReason.ClientGone,
            ForwarderError.ResponseBodyCanceled or ForwarderError.UpgradeActivityTimeout => FailureReason.BackendTimeout,
            _ => OfBackend(exception),
        };
    }

    /// <summary>How an attempt ended whose answer had begun.</summary>
    public static RequestOutcome OutcomeAfterHead(ForwarderError error, FailureReason failure) =>
        error is ForwarderError.ResponseBodyDestination ? FailureAnswer.Of(failure).OutcomeAfterHead : RequestOutcome.Answered;

    // The connection pool reports its connect timeout as a cancellation around a TimeoutException.
    private static FailureReason OfTimeout(Exception? exception, bool clientOwesBody) =>
        exception?.InnerException is TimeoutException
            ? FailureReason.ConnectTimeout
            : clientOwesBody ? FailureReason.ClientTimeout : FailureReason.BackendTimeout;

    private static FailureReason OfClientBody(Exception? exception)
    {
        for (Exception? e = exception; e is not null; e = Inner(e))
        {
            if (e is BadHttpRequestException refused)
            {
                return FailureAnswer.OfRefusal(refused.StatusCode).Reason;
            }
        }

        return FailureReason.ClientGone;
    }

    private static FailureReason OfBackend(Exception? exception)
    {
        for (Exception? e = exception; e is not null; e = Inner(e))
        {
            switch (e)
            {
                case BackendLostException lost:
                    return lost.Reused ? FailureReason.BackendStale : FailureReason.BackendReset;
                case HttpRequestException { InnerException: SocketException socket } when ConnectFault.IsOurOwn(socket.SocketErrorCode):
                    return FailureReason.OutOfSockets;
                case HttpRequestException
                {
                    HttpRequestError: HttpRequestError.ConnectionError
                        or HttpRequestError.NameResolutionError
                        or HttpRequestError.SecureConnectionError
                }:
                    return FailureReason.BackendConnectFailed;
                case HttpRequestException { HttpRequestError: HttpRequestError.InvalidResponse or HttpRequestError.ConfigurationLimitExceeded }:
                    return FailureReason.BackendBadResponse;
                default:
                    continue;
            }
        }

        return FailureReason.BackendReset;
    }

    private static Exception? Inner(Exception exception) =>
        exception is AggregateException { InnerExceptions: [var first, ..] } ? first : exception.InnerException;
}

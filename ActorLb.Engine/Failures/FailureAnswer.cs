using System.Text;
using ActorLb.Shared.Settings;

namespace ActorLb.Engine.Failures;

/// <summary>The one table of what follows from a failure: status, name, text, whether to try again, and what the backend is told off for.</summary>
public sealed class FailureAnswer
{
    public const string Header = "X-ActorLb-Reason";

    /// <summary>As long as pools say by default.</summary>
    private static readonly TimeSpan RetryAfterUnplaced = TimeSpan.FromSeconds(5);

    /// <summary>The value of Allow in a 405 (RFC 9110, 15.5.6): the one target that it is given for is *.</summary>
    public const string AllowedMethod = "OPTIONS";

    private static readonly FailureAnswer[] Table = Build(
    [
        new(FailureReason.BadRequest, 400, "bad-request", RetrySafety.Never, null, "the request is not well-formed HTTP"),
        new(FailureReason.AmbiguousLength, 400, "ambiguous-length", RetrySafety.Never, null, "the request states the length of its body twice"),
        new(FailureReason.BadTarget, 400, "bad-target", RetrySafety.Never, null, "the request's target holds what no target may hold, or is written otherwise than its route, which has a part of it taken"),
        new(FailureReason.TargetUnsupported, 501, "target-unsupported", RetrySafety.Never, null, "this form of target is not forwarded"),
        new(FailureReason.MethodUnsupported, 501, "method-unsupported", RetrySafety.Never, null, "this method is not forwarded"),
        new(FailureReason.TransferCodingUnsupported, 501, "transfer-coding-unsupported", RetrySafety.Never, null, "chunked is the only transfer coding understood"),
        new(FailureReason.MethodNotAllowed, 405, "method-not-allowed", RetrySafety.Never, null, "this method does not go with this target"),
        new(FailureReason.LengthRequired, 411, "length-required", RetrySafety.Never, null, "the request does not state the length of its body"),
        new(FailureReason.RequestTooLarge, 413, "request-too-large", RetrySafety.Never, null, "the request's body is larger than allowed"),
        new(FailureReason.RequestLineTooLong, 414, "request-line-too-long", RetrySafety.Never, null, "the request line is longer than allowed"),
        new(FailureReason.HeadersTooLarge, 431, "headers-too-large", RetrySafety.Never, null, "the request's headers are more or larger than allowed"),
        new(FailureReason.HttpVersionUnsupported, 505, "http-version-unsupported", RetrySafety.Never, null, "this version of HTTP is not spoken here"),
        new(FailureReason.BadMetadata, 400, "bad-metadata", RetrySafety.Never, null, "the call's metadata is not as gRPC has it: ASCII, and base64 under names that end with -bin"),
        new(FailureReason.PlainHttp, 400, "plain-http", RetrySafety.Never, null, "plain HTTP request was sent to HTTPS port"),
        new(FailureReason.ClientTimeout, 408, "client-timeout", RetrySafety.Never, RequestOutcome.ClientGone, "the request did not arrive in time"),
        new(FailureReason.BodyTooSlow, 408, "body-too-slow", RetrySafety.Never, RequestOutcome.ClientGone, "the request's body came too slowly"),
        new(FailureReason.ReaderTooSlow, 408, "reader-too-slow", RetrySafety.Never, RequestOutcome.ClientGone, "the client took its answer too slowly"),
        new(FailureReason.ClientGone, 499, "client-gone", RetrySafety.Never, RequestOutcome.ClientGone, "the client left"),
        new(FailureReason.ConnectionAuthRefused, 403, "connection-auth-refused", RetrySafety.Never, null, "NTLM and Negotiate authenticate a connection, and this one is a proxy's, which many people share"),
        new(FailureReason.NotAuthorized, 401, "not-authorized", RetrySafety.Never, null, "this client may not go here"),
        new(FailureReason.AuthFailedOften, 429, "auth-failed-often", RetrySafety.Never, null, "too many wrong passwords came from this client's address"),
        new(FailureReason.AuthBusy, 503, "auth-busy", RetrySafety.Never, null, "too many requests are being authenticated"),
        new(FailureReason.AuthUnavailable, 502, "auth-unavailable", RetrySafety.Never, null, "nobody can say whether this client may go here"),
        new(FailureReason.AddressDenied, 403, "address-denied", RetrySafety.Never, null, "this client's address may not go here"),
        new(FailureReason.RateLimited, 429, "rate-limited", RetrySafety.Never, null, "more requests came than may, in this time"),
        new(FailureReason.UpgradeUnserved, 501, "upgrade-unserved", RetrySafety.Never, null, "the request asks for a tunnel, and what answers here opens none"),
        new(FailureReason.LoopDetected, 508, "loop-detected", RetrySafety.Never, null, "the request has passed too many balancers of this kind: a backend leads back to one"),
        new(FailureReason.AnsweredByRoute, 200, "answered-by-route", RetrySafety.Never, null, "the route answers itself"),
        new(FailureReason.NoRoute, 404, "no-route", RetrySafety.Never, null, "no route fits this host and path"),
        new(FailureReason.NoBackend, 503, "no-backend", RetrySafety.Never, null, "no backend can serve this now"),
        new(FailureReason.QueueFull, 503, "queue-full", RetrySafety.Never, null, "too many requests wait for a backend"),
        new(FailureReason.QueueTimeout, 503, "queue-timeout", RetrySafety.Never, null, "no backend had a free place in time"),
        new(FailureReason.BackendConnectFailed, 502, "backend-connect-failed", RetrySafety.NothingSent, RequestOutcome.ConnectFailed, "no connection to a backend"),
        new(FailureReason.ConnectTimeout, 504, "connect-timeout", RetrySafety.NothingSent, RequestOutcome.ConnectTimedOut, "no connection to a backend in time"),
        new(FailureReason.BackendStale, 502, "backend-reset", RetrySafety.Idempotent, RequestOutcome.ResetBeforeResponse, "the backend closed the connection before it answered"),
        new(FailureReason.BackendRefused, 503, "backend-refused", RetrySafety.NothingSent, null, "the backend did not take the request"),
        new(FailureReason.BackendReset, 502, "backend-reset", RetrySafety.Never, RequestOutcome.ResetBeforeResponse, "the backend closed the connection before it answered"),
        new(FailureReason.BackendBadResponse, 502, "backend-bad-response", RetrySafety.Never, RequestOutcome.InvalidResponse, "the backend's answer is not well-formed HTTP"),
        new(FailureReason.BackendUpgradeRefused, 502, "upgrade-refused", RetrySafety.Never, RequestOutcome.Answered, "the backend answered without switching to the protocol that was asked for"),
        new(FailureReason.BackendTimeout, 504, "backend-timeout", RetrySafety.Never, RequestOutcome.TimedOut, "the backend did not answer in time"),
        new(FailureReason.BackendStatus, 502, "backend-status", RetrySafety.Idempotent, RequestOutcome.Answered, "the backend answered with a status for which another one was to be asked, and none took the request"),
        new(FailureReason.ConnectionAuthOffered, 502, "connection-auth-refused", RetrySafety.Never, null, "the backend asks for NTLM or Negotiate, which authenticate a connection, and this one is a proxy's, which many people share"),
        new(FailureReason.BackendDrained, 503, "backend-drained", RetrySafety.Idempotent, null, "the time to drain the backend is over"),
        new(FailureReason.BackendInMaintenance, 503, "backend-in-maintenance", RetrySafety.Idempotent, null, "the backend was put into maintenance"),
        new(FailureReason.BackendDown, 503, "backend-down", RetrySafety.Idempotent, null, "the backend is down"),
        new(FailureReason.BackendRemoved, 503, "backend-removed", RetrySafety.Idempotent, null, "the backend is no longer there"),
        new(FailureReason.SessionMoved, 503, "session-moved", RetrySafety.Idempotent, null, "the session lives on another backend now"),
        new(FailureReason.SessionEnded, 503, "session-ended", RetrySafety.Idempotent, null, "the session was ended"),
        new(FailureReason.NodeStopping, 503, "node-stopping", RetrySafety.Never, null, "this node stops"),
        new(FailureReason.TunnelTimeout, 504, "tunnel-timeout", RetrySafety.Never, null, "nothing went over the tunnel for too long"),
        new(FailureReason.OutOfSockets, 503, "out-of-sockets", RetrySafety.Never, null, "the balancer has no descriptor or port left to reach a backend, or none for more of this address"),
        new(FailureReason.OutOfMemory, 503, "out-of-memory", RetrySafety.Never, null, "the balancer has no memory left for this request"),
        new(FailureReason.InternalError, 500, "internal-error", RetrySafety.Never, null, "the balancer failed"),
    ]);

    private FailureAnswer(FailureReason reason, int status, string name, RetrySafety retry, RequestOutcome? outcome, string text)
    {
        Reason = reason;
        Status = status;
        Name = name;
        Retry = retry;
        Outcome = outcome;
        Text = text;
        Body = Encoding.ASCII.GetBytes($"{status} {name}: {text}\n");
        NameField = Encoding.ASCII.GetBytes($"{Header}: {name}\r\n");
    }

    public FailureReason Reason { get; }

    public int Status { get; }

    /// <summary>The value of X-ActorLb-Reason.</summary>
    public string Name { get; }

    public string Text { get; }

    /// <summary>The answer's body: status, name and one sentence.</summary>
    public byte[] Body { get; }

    /// <summary>The field line of <see cref="Header"/>, with its end.</summary>
    public byte[] NameField { get; }

    internal RetrySafety Retry { get; }

    /// <summary>What passive health hears; null where the backend had no part in it.</summary>
    internal RequestOutcome? Outcome { get; }

    /// <summary>What passive health hears where a backend failed in the midst of its answer.</summary>
    internal RequestOutcome OutcomeAfterHead => Outcome switch
    {
        RequestOutcome.TimedOut => RequestOutcome.TimedOut,
        RequestOutcome.ClientGone when Reason == FailureReason.ClientGone => RequestOutcome.ClientGone,
        null or RequestOutcome.ClientGone => RequestOutcome.Answered,
        _ => RequestOutcome.ResetDuringResponse,
    };

    /// <summary>
    /// An answer that has begun did not come to its end by it, and the client is not why: it failed, whatever its status. What is closed because it may not stay where it
    /// is was ended in order.
    /// </summary>
    internal bool BreaksOff =>
        OutcomeAfterHead is RequestOutcome.ResetDuringResponse or RequestOutcome.TimedOut || Reason is FailureReason.OutOfSockets or FailureReason.OutOfMemory or FailureReason.InternalError;

    /// <summary>It is the client's request, or what it does, that is at fault.</summary>
    internal bool BlamesClient => Reason is > FailureReason.None and <= FailureReason.LoopDetected;

    /// <summary>The pool will serve again by itself: the answer carries its Retry-After (RFC 9110, 15.6.4).</summary>
    public bool MayPass => Status == 503;

    /// <summary>That Retry-After; 0: the answer has none.</summary>
    /// <param name="pool">Null: the request was refused before it had one.</param>
    public long RetryAfterSeconds(PoolSettings? pool) =>
        !MayPass ? 0 : (long)Math.Ceiling((pool?.RetryAfter ?? RetryAfterUnplaced).TotalSeconds);

    /// <summary>The client is not why, and reads: it gets what there is of its answer.</summary>
    public bool LeavesClient => Outcome != RequestOutcome.ClientGone && Reason != FailureReason.InternalError;

    public static FailureAnswer Of(FailureReason reason) => Table[(int)reason];

    private static FailureAnswer[] Build(FailureAnswer[] answers)
    {
        var table = new FailureAnswer[(int)FailureReason.InternalError + 1];
        foreach (FailureAnswer answer in answers)
        {
            table[(int)answer.Reason] = answer;
        }

        return table;
    }
}

namespace ActorLb.Engine.Failures;

/// <summary>Why a request was not answered by a backend. Status, retry and text of each: <see cref="FailureAnswer"/>.</summary>
public enum FailureReason : byte
{
    None,

    // The client's request is at fault.
    BadRequest,
    AmbiguousLength,
    BadTarget,
    TargetUnsupported,
    MethodUnsupported,
    TransferCodingUnsupported,
    MethodNotAllowed,
    LengthRequired,
    RequestTooLarge,
    RequestLineTooLong,
    HeadersTooLarge,
    HttpVersionUnsupported,

    /// <summary>A call of gRPC with metadata that is none, for which some servers end the connection.</summary>
    BadMetadata,

    /// <summary>HTTP without TLS, on a port that has it.</summary>
    PlainHttp,
    ClientTimeout,

    /// <summary>Its body came slower than limits.body-rate-min.</summary>
    BodyTooSlow,

    /// <summary>It takes its answer slower than limits.read-rate-min.</summary>
    ReaderTooSlow,
    ClientGone,

    /// <summary>Credentials that would authenticate a connection which many people share.</summary>
    ConnectionAuthRefused,

    /// <summary>The server that its route asks says no, or its name and password are not among those of the route.</summary>
    NotAuthorized,

    /// <summary>It came with too many passwords that were wrong.</summary>
    AuthFailedOften,

    /// <summary>Its address may not take this route.</summary>
    AddressDenied,

    /// <summary>It comes faster than its route allows.</summary>
    RateLimited,

    /// <summary>It asks for a tunnel, in a way in which any success opens one, and its route answers itself.</summary>
    UpgradeUnserved,

    /// <summary>A backend leads back to this balancer, or to another one that leads here.</summary>
    LoopDetected,

    // Nobody is: its route says what it gets.
    AnsweredByRoute,

    /// <summary>The server that its route asks says nothing.</summary>
    AuthUnavailable,

    /// <summary>Too many passwords are verified at this node, or too many requests of its route or its client are asked about.</summary>
    AuthBusy,

    // The pool is.
    NoRoute,
    NoBackend,
    QueueFull,
    QueueTimeout,

    // The backend is.
    BackendConnectFailed,
    ConnectTimeout,

    /// <summary>A kept-alive connection that the backend closed before the first byte of an answer.</summary>
    BackendStale,
    /// <summary>It says that it did nothing with the request: over HTTP/2, where it closes a connection or refuses a stream.</summary>
    BackendRefused,
    BackendReset,
    BackendBadResponse,

    /// <summary>It answers a client as if that had not asked for a tunnel, which takes any success for the beginning of one.</summary>
    BackendUpgradeRefused,
    BackendTimeout,

    /// <summary>It answered with a status for which the pool asks another backend.</summary>
    BackendStatus,

    /// <summary>It offers to authenticate a connection to a client whose own connection many people share.</summary>
    ConnectionAuthOffered,

    // Nobody is: what was open is closed, because it may not stay where it is.
    BackendDrained,
    BackendInMaintenance,
    BackendDown,
    BackendRemoved,
    SessionMoved,

    /// <summary>An operator ended the session.</summary>
    SessionEnded,
    NodeStopping,
    TunnelTimeout,

    // We are.
    OutOfSockets,
    OutOfMemory,
    InternalError,
}

/// <summary>When the same request may be sent once more.</summary>
internal enum RetrySafety : byte
{
    Never,

    /// <summary>Nothing was sent: any request, to another backend.</summary>
    NothingSent,

    /// <summary>The head may have arrived: an idempotent request whose body was not begun, on another connection.</summary>
    Idempotent,
}

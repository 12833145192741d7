namespace ActorLb.Engine.Failures;

/// <summary>
/// How one attempt at one backend ended, decided where its bytes were last seen. A kept-alive connection that the
/// backend closed while idle is no outcome: the lane takes another connection and reports how that one ended.
/// </summary>
internal enum RequestOutcome : byte
{
    /// <summary>The head of an answer arrived, with a status of the backend's own.</summary>
    Answered,

    /// <summary>No connection, and at once: refused, unreachable, TLS failed. Nothing was sent: any request may be retried.</summary>
    ConnectFailed,

    /// <summary>No connection within limits.connect-timeout. Nothing was sent.</summary>
    ConnectTimedOut,

    /// <summary>The connection broke after the request was sent and before the head of an answer.</summary>
    ResetBeforeResponse,

    /// <summary>The connection broke within the answer's body.</summary>
    ResetDuringResponse,

    /// <summary>What came back is not HTTP, or is ambiguous.</summary>
    InvalidResponse,

    /// <summary>No head of an answer, or nothing more of its body, within limits.response-timeout.</summary>
    TimedOut,

    /// <summary>The client left first; says nothing about the backend.</summary>
    ClientGone,
}

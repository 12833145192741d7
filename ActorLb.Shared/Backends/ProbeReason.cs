namespace ActorLb.Shared.Backends;

/// <summary>Why a node wants a backend probed before its next probe is due.</summary>
[Flags]
public enum ProbeReason
{
    None = 0,

    /// <summary>Requests failed after they were sent: it may be the backend, or what a client asked of it.</summary>
    RequestsFailed = 1,

    /// <summary>Connects failed: requests of sessions that live there wait for the verdict.</summary>
    ConnectsFailed = 2,
}

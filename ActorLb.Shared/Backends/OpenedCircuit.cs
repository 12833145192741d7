namespace ActorLb.Shared.Backends;

/// <summary>Why a node's circuit to a backend opened.</summary>
public enum CircuitReason
{
    /// <summary>Connects were refused, or failed otherwise at once.</summary>
    ConnectsFailed,

    ConnectsTimedOut,

    /// <summary>Answers had statuses that count as failures.</summary>
    Statuses,
}

/// <summary>A node's open circuit to a backend.</summary>
/// <param name="Since">By this node's clock.</param>
/// <param name="Ejects">It takes new sessions from the backend; false: as many backends of the pool as may be are ejected already.</param>
public sealed record OpenedCircuit(DateTimeOffset Since, CircuitReason Reason, bool Ejects)
{
    public static readonly OpenedCircuit Ejecting = new(DateTimeOffset.UnixEpoch, CircuitReason.ConnectsFailed, Ejects: true);
}

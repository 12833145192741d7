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
/// <param name="Since">By the clock of this node that nobody sets.</param>
/// <param name="Ejects">It takes new sessions from the backend; false: as many backends of the pool as may be are ejected already.</param>
public sealed record OpenedCircuit(DateTimeOffset Since, CircuitReason Reason, bool Ejects)
{
    /// <summary>How long it stays open, whatever probes say; zero: until they pass.</summary>
    public TimeSpan AtLeast { get; init; }

    /// <summary>The end of <see cref="AtLeast"/>, as a timestamp of the data plane's clock.</summary>
    public long KeptUntil { get; init; } = long.MinValue;

    public static readonly OpenedCircuit Ejecting = new(DateTimeOffset.UnixEpoch, CircuitReason.ConnectsFailed, Ejects: true);
}

namespace ActorLb.Shared.Backends;

/// <summary>What the observers' majority says about a backend.</summary>
public enum BackendHealth : byte
{
    /// <summary>
    /// No observer has a verdict that counts: its sessions stay, and it gets no new ones unless all of the pool are unknown.
    /// </summary>
    Unknown,
    Up,
    Down,
}

/// <summary>What the operator said about a backend, beside its health.</summary>
public enum OperatorState : byte
{
    Ready,

    /// <summary>Bound sessions stay until they end or the deadline passes; new ones go elsewhere.</summary>
    Draining,

    /// <summary>No requests at all; bound sessions are rebound.</summary>
    Maintenance,
}

/// <summary>The full name of a backend: its pool and its id within the pool.</summary>
public readonly record struct BackendName(string Pool, string Id)
{
    public override string ToString() => $"{Pool}/{Id}";
}

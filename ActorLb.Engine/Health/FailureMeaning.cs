namespace ActorLb.Engine.Health;

/// <summary>What one attempt says about its backend.</summary>
internal enum FailureMeaning : byte
{
    None,

    /// <summary>A client can bring it about: several of them have the backend probed, and no more.</summary>
    Suspicion,

    /// <summary>A status that the operator calls a failure: counts against the backend, once for each client.</summary>
    Status,

    /// <summary>No connection: no client can bring it about.</summary>
    Unreachable,
}

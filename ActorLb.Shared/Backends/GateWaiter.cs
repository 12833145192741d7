namespace ActorLb.Shared.Backends;

/// <summary>
/// A request that waits for a place at a backend; a link of its queue, so that waiting allocates nothing. Waits in one
/// queue at a time, and may be used again once it was admitted or abandoned.
/// </summary>
public abstract class GateWaiter
{
    internal BackendGate? Gate { get; set; }

    /// <summary>When it began to wait: a timestamp of the data plane's clock.</summary>
    public long QueuedAt { get; init; }

    internal GateWaiter? Before { get; set; }

    internal GateWaiter? After { get; set; }

    /// <summary>
    /// The place is the waiter's own now. Called on the thread of whoever left, or within
    /// <see cref="BackendGate.TryQueue"/> where a place came free in that moment: it must only pass the word on, and
    /// never throw.
    /// </summary>
    public abstract void OnAdmitted();
}

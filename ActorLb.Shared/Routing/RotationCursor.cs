namespace ActorLb.Shared.Routing;

/// <summary>
/// A node's place in one pool's rotation. Outlives the rotations; starts at the node's offset, so that
/// several nodes do not begin with the same backend.
/// </summary>
public sealed class RotationCursor
{
    private ulong _next;

    public RotationCursor(uint offset = 0) => _next = offset;

    /// <summary>Takes the next turn.</summary>
    public ulong Next() => Interlocked.Increment(ref _next) - 1;

    /// <summary>Moves the start by the node's rank; only before the first turn, afterwards it does nothing.</summary>
    public void StartAt(uint offset) => Interlocked.CompareExchange(ref _next, offset, 0);
}

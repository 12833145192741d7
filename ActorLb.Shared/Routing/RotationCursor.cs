namespace ActorLb.Shared.Routing;

/// <summary>
/// A node's place in one pool's rotation. Outlives the rotations; starts at the node's offset, so that
/// several nodes do not begin with the same backend.
/// </summary>
public sealed class RotationCursor
{
    private ulong _next;
    private RotationCursor? _ofWaiters;

    public RotationCursor(uint offset = 0) => _next = offset;

    /// <summary>
    /// The place of those who find no place and wait. One of its own: whoever looks for a place takes many turns, and always as many, so that the
    /// next one of those would be at few backends of a large pool.
    /// </summary>
    public RotationCursor OfWaiters => Volatile.Read(ref _ofWaiters) ?? Interlocked.CompareExchange(ref _ofWaiters, new RotationCursor(), null) ?? _ofWaiters;

    /// <summary>Takes the next turn.</summary>
    public ulong Next() => Interlocked.Increment(ref _next) - 1;

    /// <summary>Moves the start by the node's rank; only before the first turn, afterwards it does nothing.</summary>
    public void StartAt(uint offset) => Interlocked.CompareExchange(ref _next, offset, 0);
}

using ActorLb.Node.Events;

namespace ActorLb.Node.Sessions;

/// <summary>
/// What the node can wait for and read of one run of session affinity's control plane. Made anew for every run;
/// changed only by its actors.
/// </summary>
internal sealed class SessionCapability
{
    private readonly TaskCompletionSource _filled = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _keysReady = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private long _rebindsRefused;
    private long _rebindsUnanswered;
    private long _notOwned;

    /// <summary>
    /// Completes when this member's tables hold what the other members have, at the latest thirty seconds after
    /// it came up. Never before it is a member: await it with a bound.
    /// </summary>
    public Task Filled => _filled.Task;

    /// <summary>Completes when tickets can be signed with a key that the other members verify. Never faults.</summary>
    public Task KeysReady => _keysReady.Task;

    /// <summary>Rebinds decided by this node because too many waited for the same shard.</summary>
    public long RebindsRefused => Interlocked.Read(ref _rebindsRefused);

    /// <summary>Rebinds that an owner did not answer in time.</summary>
    public long RebindsUnanswered => Interlocked.Read(ref _rebindsUnanswered);

    /// <summary>Bindings that an owner on this node did not record because its bucket was full.</summary>
    public long NotOwned => Interlocked.Read(ref _notOwned);

    /// <summary>Who asked for the keys that this node has made to sign, by their ids.</summary>
    public Askers<ushort> KeyAskers { get; } = new();

    internal void MarkFilled() => _filled.TrySetResult();

    internal void MarkKeysReady() => _keysReady.TrySetResult();

    internal void RebindRefused() => Interlocked.Increment(ref _rebindsRefused);

    internal void RebindUnanswered() => Interlocked.Increment(ref _rebindsUnanswered);

    internal void RefusedByOwner(int bindings) => Interlocked.Add(ref _notOwned, bindings);
}

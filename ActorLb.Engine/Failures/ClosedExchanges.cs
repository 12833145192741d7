namespace ActorLb.Engine.Failures;

/// <summary>How many tunnels, streams and answers this node has closed before their end, by reason. Any thread.</summary>
public sealed class ClosedExchanges
{
    /// <summary>Those that are counted.</summary>
    public static readonly IReadOnlyList<FailureReason> Reasons =
    [
        FailureReason.SessionMoved,
        FailureReason.SessionEnded,
        FailureReason.BackendDrained,
        FailureReason.BackendInMaintenance,
        FailureReason.BackendDown,
        FailureReason.BackendRemoved,
        FailureReason.NodeStopping,
        FailureReason.TunnelTimeout,
    ];

    private readonly long[] _counts = new long[byte.MaxValue];

    public long this[FailureReason reason] => Interlocked.Read(ref _counts[(int)reason]);

    public void Count(FailureReason reason) => Interlocked.Increment(ref _counts[(int)reason]);
}

using ActorLb.Engine.Failures;
using ActorLb.Engine.Traffic;
using ActorLb.Shared.Backends;

namespace ActorLb.Engine.Kestrel;

/// <summary>One wait of one request in a backend's queue: ends with a place, by the time, or with the client.</summary>
internal sealed class QueuedRequest : GateWaiter
{
    private readonly TaskCompletionSource<FailureReason> _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private BackendTraffic? _traffic;

    /// <summary>None where the request has a place at its assigned backend now, which may be another one than before.</summary>
    public static async ValueTask<FailureReason> WaitAsync(Exchange exchange, BackendKey failed, TimeProvider time)
    {
        Assignment assignment = exchange.Assignment;
        var waiter = new QueuedRequest { QueuedAt = time.GetTimestamp() };
        if (!Admission.TryQueue(ref assignment, failed, waiter))
        {
            return FailureReason.QueueFull;
        }

        exchange.Assignment = assignment;
        waiter._traffic = assignment.Backend!.Traffic;
        using ITimer timer = time.CreateTimer(
            static w => ((QueuedRequest)w!).GiveUp(FailureReason.QueueTimeout), waiter, assignment.Pool.Settings.Queue.Timeout, Timeout.InfiniteTimeSpan);
        using CancellationTokenRegistration gone = exchange.Client.Aborted.UnsafeRegister(
            static w => ((QueuedRequest)w!).GiveUp(FailureReason.ClientGone), waiter);
        FailureReason ended = await waiter._ended.Task;
        exchange.Life.Measured.Queued(exchange, waiter._traffic, waiter.QueuedAt);
        return ended;
    }

    public override void OnAdmitted() => _ended.SetResult(FailureReason.None);

    // Whoever takes the waiter out of the queue decides how the wait ended: the gate, or one of the two here.
    private void GiveUp(FailureReason reason)
    {
        if (!_traffic!.Gate.Abandon(this))
        {
            return;
        }

        if (reason == FailureReason.QueueTimeout)
        {
            _traffic.QueueTookTooLong();
        }

        _ended.SetResult(reason);
    }
}

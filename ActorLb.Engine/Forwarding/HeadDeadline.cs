namespace ActorLb.Engine.Forwarding;

/// <summary>
/// Bounds the wait for the head of an answer where the forwarder's own timeout is that of a tunnel: a backend that says
/// nothing to an upgrade must not keep its client for as long as a WebSocket may be silent.
/// </summary>
internal sealed class HeadDeadline(TimeSpan timeout, TimeProvider time) : IDisposable
{
    private readonly CancellationTokenSource _over = new(timeout > TimeSpan.Zero ? timeout : Timeout.InfiniteTimeSpan, time);

    public CancellationToken Token => _over.Token;

    public void HeadArrived() => _over.CancelAfter(Timeout.InfiniteTimeSpan);

    public void Dispose() => _over.Dispose();
}

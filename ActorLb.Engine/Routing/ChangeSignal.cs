namespace ActorLb.Engine.Routing;

/// <summary>
/// Wakes everybody who waits for something to change. Whoever waits takes <see cref="Next"/> before looking, and so
/// misses nothing that changes meanwhile. Any thread.
/// </summary>
internal sealed class ChangeSignal
{
    private TaskCompletionSource _next = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Completes with the next change.</summary>
    public Task Next => Volatile.Read(ref _next).Task;

    /// <summary>Something has changed. Runs nothing of those who waited.</summary>
    public void Changed() =>
        Interlocked.Exchange(ref _next, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).SetResult();
}

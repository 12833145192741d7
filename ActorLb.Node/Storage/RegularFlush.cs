namespace ActorLb.Node.Storage;

/// <summary>Flushes again and again, until it is stopped.</summary>
/// <param name="flush">Never throws.</param>
internal sealed class RegularFlush(TimeSpan interval, TimeProvider time, Action flush) : IAsyncDisposable
{
    private readonly CancellationTokenSource _stopping = new();
    private Task _running = Task.CompletedTask;

    /// <summary>Why it goes on no more; null: it does, or was stopped.</summary>
    public string? Failure => _running.IsFaulted && !_stopping.IsCancellationRequested ? _running.Exception.GetBaseException().Message : null;

    public void Start() => _running = RunAsync();

    /// <returns>False where it was stopped before.</returns>
    public async Task<bool> StopAsync()
    {
        if (_stopping.IsCancellationRequested)
        {
            return false;
        }

        await _stopping.CancelAsync();
        await _running;
        return true;
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        _stopping.Dispose();
    }

    private async Task RunAsync()
    {
        using var timer = new PeriodicTimer(interval, time);
        try
        {
            while (await timer.WaitForNextTickAsync(_stopping.Token))
            {
                flush();
            }
        }
        catch (OperationCanceledException)
        {
            // Asked to stop; who asked writes the rest.
        }
    }
}

namespace ActorLb.Node.Storage;

/// <summary>
/// Writes on a thread of the pool for whoever asks, one write at a time: all who ask while one is under way share the next one.
/// A disk that does not answer holds one thread, however often somebody asks.
/// </summary>
/// <param name="write">Throws where it cannot.</param>
internal sealed class StateWriter(Action write)
{
    private readonly Lock _gate = new();
    private TaskCompletionSource? _next;
    private bool _isWriting;

    /// <summary>Completes with the write that begins after this, or fails as it does.</summary>
    public Task WriteAsync()
    {
        lock (_gate)
        {
            _next ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            if (!_isWriting)
            {
                _isWriting = true;
                _ = Task.Run(WriteAll);
            }

            return _next.Task;
        }
    }

    private void WriteAll()
    {
        while (Take() is { } round)
        {
            try
            {
                write();
                round.SetResult();
            }
            catch (Exception e)
            {
                round.SetException(e);
            }
        }
    }

    private TaskCompletionSource? Take()
    {
        lock (_gate)
        {
            TaskCompletionSource? round = _next;
            _next = null;
            _isWriting = round is not null;
            return round;
        }
    }
}

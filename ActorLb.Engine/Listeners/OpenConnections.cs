namespace ActorLb.Engine.Listeners;

/// <summary>
/// How many clients are connected to a lane, and whether they are asked to leave: then every answer says
/// <c>Connection: close</c> (RFC 9112, 9.6), so that a client begins its next request elsewhere instead of on a
/// connection that is about to end.
/// </summary>
internal sealed class OpenConnections
{
    private readonly Lock _lock = new();
    private TaskCompletionSource? _allLeft;
    private int _open;
    private volatile bool _leaving;

    /// <summary>Never false again once it was true.</summary>
    public bool Leaving => _leaving;

    public int Count => Volatile.Read(ref _open);

    public void Opened()
    {
        lock (_lock)
        {
            _open++;
        }
    }

    public void Closed()
    {
        lock (_lock)
        {
            if (--_open == 0)
            {
                _allLeft?.TrySetResult();
            }
        }
    }

    /// <summary>Complete when no client is connected any more; others may come later, and then it is asked again.</summary>
    public Task AskToLeave()
    {
        lock (_lock)
        {
            _leaving = true;
            if (_allLeft is null or { Task.IsCompleted: true })
            {
                _allLeft = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            }

            if (_open == 0)
            {
                _allLeft.TrySetResult();
            }

            return _allLeft.Task;
        }
    }

    /// <summary>Asks everybody to leave, and waits until they have or the time is up.</summary>
    /// <exception cref="OperationCanceledException">The token fired.</exception>
    public async Task WhenGoneAsync(TimeSpan atMost, TimeProvider time, CancellationToken cancellation)
    {
        try
        {
            await AskToLeave().WaitAsync(atMost, time, cancellation);
        }
        catch (TimeoutException)
        {
            // Those that stayed were idle, or are not done yet: stopping deals with both.
        }
    }
}

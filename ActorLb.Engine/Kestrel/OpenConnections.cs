namespace ActorLb.Engine.Kestrel;

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

    /// <summary>Complete when no client is connected any more.</summary>
    public Task AskToLeave()
    {
        lock (_lock)
        {
            _leaving = true;
            _allLeft ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            if (_open == 0)
            {
                _allLeft.TrySetResult();
            }

            return _allLeft.Task;
        }
    }
}

namespace ActorLb.Engine.Listeners;

/// <summary>
/// How many clients are connected to a lane, and whether they are asked to leave: then every answer says
/// <c>Connection: close</c> (RFC 9112, 9.6), so that a client begins its next request elsewhere instead of on a
/// connection that is about to end.
/// </summary>
internal sealed class OpenConnections
{
    /// <summary>
    /// A connection that was begun before nobody new was let in is there by then, or its client is far away. A network of
    /// containers stands still for a quarter of a second when some of them leave it (measured).
    /// </summary>
    private static readonly TimeSpan HandshakeTime = TimeSpan.FromMilliseconds(500);

    /// <summary>Between accepting a connection and counting it.</summary>
    private static readonly TimeSpan AcceptTime = TimeSpan.FromMilliseconds(20);

    /// <summary>A request that comes right after its connection has come by then.</summary>
    private static readonly TimeSpan LastRequestTime = TimeSpan.FromSeconds(1);

    /// <summary>What is in the kernel's queue is accepted by then, also by a process that gets little processor time.</summary>
    private static readonly TimeSpan AcceptTimeMax = TimeSpan.FromSeconds(5);

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

    /// <summary>
    /// Asks everybody to leave, and waits; then lets nobody new in, and waits a little for who was let in last.
    /// </summary>
    /// <exception cref="OperationCanceledException">The token fired.</exception>
    public async Task LeaveAsync(ListenGate gate, TimeSpan atMost, TimeProvider time, CancellationToken cancellation)
    {
        await WhenGoneAsync(atMost, time, cancellation);
        if (atMost > TimeSpan.Zero)
        {
            gate.Shut();
            await Task.Delay(HandshakeTime, time, cancellation);
            await AcceptedAsync(gate, time, cancellation);
            await WhenGoneAsync(LastRequestTime, time, cancellation);
        }
    }

    // A busy process accepts late, and what it has not accepted when it closes the port is reset.
    private static async Task AcceptedAsync(ListenGate gate, TimeProvider time, CancellationToken cancellation)
    {
        long since = time.GetTimestamp();
        while (gate.Waiting > 0 && time.GetElapsedTime(since) < AcceptTimeMax)
        {
            await Task.Delay(AcceptTime, time, cancellation);
        }

        // What was accepted last is counted by then.
        await Task.Delay(AcceptTime, time, cancellation);
    }

    private async Task WhenGoneAsync(TimeSpan atMost, TimeProvider time, CancellationToken cancellation)
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

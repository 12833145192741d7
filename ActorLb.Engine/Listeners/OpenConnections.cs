using System.Net;

namespace ActorLb.Engine.Listeners;

/// <summary>
/// The clients that a lane has let in, and whether they are asked to leave: then every answer says
/// <c>Connection: close</c> (RFC 9112, 9.6), so that a client begins its next request elsewhere instead of on a
/// connection that is about to end. One is here from the moment in which it is let in, also while nobody serves it yet, and
/// whoever hears that all have gone finds given back all that they took.
/// </summary>
/// <param name="limits">Those of the node.</param>
internal sealed class OpenConnections(ConnectionLimits limits)
{
    private readonly Lock _lock = new();
    private TaskCompletionSource? _allLeft;
    private int _open;
    private volatile bool _leaving;

    /// <summary>Never false again once it was true.</summary>
    public bool Leaving => _leaving;

    public int Count => Volatile.Read(ref _open);

    /// <inheritdoc cref="ConnectionLimits.TryAdmit"/>
    public bool TryAdmit(ServedListener listener, IPAddress client)
    {
        if (!limits.TryAdmit(listener.Connections, listener.Settings, client))
        {
            return false;
        }

        TakeOver();
        return true;
    }

    /// <inheritdoc cref="ConnectionLimits.TryCount"/>
    public bool TryCount(ServedListener listener, IPAddress client) => limits.TryCount(listener.Connections, listener.Settings, client);

    /// <inheritdoc cref="ConnectionLimits.Release"/>
    public void Release(ServedListener listener, IPAddress client)
    {
        limits.Release(listener.Connections, listener.Settings, client);
        HandOver();
    }

    /// <summary>One that another lane has let in: it asks for one <see cref="Release"/> here.</summary>
    public void TakeOver()
    {
        lock (_lock)
        {
            _open++;
        }
    }

    /// <summary>One is another lane's, which has it already, and so is what it took.</summary>
    public void HandOver()
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

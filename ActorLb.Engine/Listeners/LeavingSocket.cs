using Microsoft.Extensions.Logging;

namespace ActorLb.Engine.Listeners;

/// <summary>
/// The end of a listener's socket: nobody new is let in, who was let in last is accepted, it is closed, and then those who have
/// nothing under way are. Tunnels and requests go on to their end. Until it is closed, a listener may have it back. Where its
/// listener has another address now, its clients stay.
/// </summary>
internal sealed class LeavingSocket : IDisposable
{
    private readonly IReadOnlyList<ILane> _lanes;
    private readonly bool _clientsStay;
    private readonly TimeProvider _time;
    private readonly Lock _change = new();
    private readonly CancellationTokenSource _stop = new();
    private bool _isClaimed;
    private bool _isClosed;
    private bool _isOver;

    /// <param name="clientsStay">Only the address is gone.</param>
    /// <param name="over">Called when all is done.</param>
    public LeavingSocket(ServedListener listener, IReadOnlyList<ILane> lanes, bool clientsStay, TimeProvider time, ILogger logger, Action<LeavingSocket> over)
    {
        Listener = listener;
        _lanes = lanes;
        _time = time;
        _clientsStay = clientsStay;
        listener.Socket.IsLeaving = !clientsStay;
        Running = Task.Run(async () =>
        {
            try
            {
                await RunAsync();
            }
            catch (Exception e)
            {
                Log.ListenerClosedBadly(logger, e, listener.Settings.Name);
            }
            finally
            {
                over(this);
            }
        });
    }

    /// <summary>Which accepted from it last.</summary>
    public ServedListener Listener { get; }

    /// <summary>Complete when all is done, or a listener has the socket.</summary>
    public Task Running { get; }

    /// <summary>A listener has the socket again: what is left of this is nothing.</summary>
    public bool IsClaimed
    {
        get
        {
            lock (_change)
            {
                return _isClaimed;
            }
        }
    }

    /// <summary>Takes the socket back; false where it is too late.</summary>
    public bool TryClaim()
    {
        lock (_change)
        {
            if (_isClosed || _isClaimed)
            {
                return false;
            }

            _isClaimed = true;
        }

        Hurry();
        return true;
    }

    /// <summary>Does at once what is left to do.</summary>
    public Task HurryAsync()
    {
        Hurry();
        return Running;
    }

    /// <summary>When all is done.</summary>
    public void Dispose()
    {
        lock (_change)
        {
            _isOver = true;
            _stop.Dispose();
        }
    }

    private void Hurry()
    {
        lock (_change)
        {
            if (_isOver)
            {
                return;
            }
        }

        try
        {
            _stop.Cancel();
        }
        catch (ObjectDisposedException)
        {
            // It has come to its end meanwhile.
        }
    }

    private async Task RunAsync()
    {
        lock (_change)
        {
            // Who has it back has opened it by now.
            if (_isClaimed)
            {
                return;
            }

            Listener.Socket.Shut();
        }

        await Quietly(ClosingPorts.AcceptedAsync([Listener.Socket], _time, _stop.Token));
        lock (_change)
        {
            if (_isClaimed)
            {
                return;
            }

            _isClosed = true;
        }

        await Task.WhenAll(_lanes.Select(l => l.CloseAsync(Listener)));
        Listener.Socket.Dispose();
        if (_clientsStay)
        {
            return;
        }

        await Quietly(Task.Delay(ClosingPorts.LastRequestTime, _time, _stop.Token));
        Listener.Socket.ClosesIdle = true;
        foreach (ILane lane in _lanes)
        {
            lane.CloseIdle(Listener.Socket);
        }
    }

    private static async Task Quietly(Task task) => await task.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
}

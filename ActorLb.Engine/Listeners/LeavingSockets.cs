using Microsoft.Extensions.Logging;

namespace ActorLb.Engine.Listeners;

/// <summary>The sockets of a node that are about to be closed. Any thread.</summary>
/// <param name="served">What is served now.</param>
internal sealed class LeavingSockets(TimeProvider time, ILogger logger, Func<IEnumerable<ServedListener>> served)
{
    private readonly Lock _lock = new();
    private readonly List<LeavingSocket> _leaving = [];

    public int Count
    {
        get
        {
            lock (_lock)
            {
                return _leaving.Count;
            }
        }
    }

    /// <summary>Those that a listener may still have back.</summary>
    public LeavingSocket[] Now
    {
        get
        {
            lock (_lock)
            {
                return [.. _leaving.Where(l => !l.IsClaimed)];
            }
        }
    }

    /// <summary>The socket of a listener that is gone is closed in good order.</summary>
    /// <param name="lanes">That accept from it, or did.</param>
    /// <param name="clientsStay">Only the address is gone.</param>
    public void Add(ServedListener listener, IReadOnlyList<ILane> lanes, bool clientsStay)
    {
        Log.ListenerLeaves(logger, listener.Settings.Name, listener.Socket.Local);
        lock (_lock)
        {
            _leaving.Add(new LeavingSocket(listener, lanes, clientsStay, time, logger, OnOver));
        }
    }

    /// <summary>Does at once what is left to do.</summary>
    public Task HurryAsync()
    {
        LeavingSocket[] all;
        lock (_lock)
        {
            all = [.. _leaving];
        }

        return Task.WhenAll(all.Select(l => l.HurryAsync()));
    }

    private void OnOver(LeavingSocket over)
    {
        lock (_lock)
        {
            _leaving.Remove(over);
            over.Dispose();
            foreach (ServedListener shared in served().Where(s => s.Socket.SharesPort && _leaving.Count == 0))
            {
                shared.Socket.SharePort(shares: false);
            }
        }
    }
}

using ActorLb.Engine.Transport;
using ActorLb.Shared.Backends;

namespace ActorLb.Engine.Epoll;

/// <summary>
/// One loop's unused connections to backends. The one that was used last is used next: it is the least likely to be
/// closed, and the others grow old and go.
/// </summary>
internal sealed class BackendConnections(LaneLoop loop)
{
    // A connection that closes is found in the middle of the list only where it was kept for long.
    private readonly Dictionary<BackendTraffic, List<BackendConnection>> _kept = [];

    public int KeptCount { get; private set; }

    /// <summary>One that is kept; null where there is none.</summary>
    public BackendConnection? Take(BackendTraffic backend)
    {
        List<BackendConnection> kept = KeptOf(backend);
        if (kept.Count == 0)
        {
            return null;
        }

        BackendConnection connection = kept[^1];
        kept.RemoveAt(kept.Count - 1);
        KeptCount--;
        loop.Events.Timers.Set(connection, TimerWheel.Never);
        return connection;
    }

    /// <summary>One that is still to be connected.</summary>
    public BackendConnection New(BackendTraffic backend) => new(loop, KeptOf(backend)) { IsConnecting = true };

    /// <summary>Keeps one that an exchange is done with.</summary>
    public void Keep(BackendConnection connection)
    {
        connection.Exchange = null;
        connection.IsReused = true;
        connection.ReleaseInput();
        connection.Kept.Add(connection);
        KeptCount++;
        TimeSpan idle = loop.Parts.Limits.BackendIdleTimeout;
        loop.Events.Timers.Set(connection, idle > TimeSpan.Zero ? loop.Events.Now + (long)idle.TotalMilliseconds : TimerWheel.Never);
    }

    /// <summary>Closes one that is kept.</summary>
    public void Drop(BackendConnection connection)
    {
        if (connection.Kept.Remove(connection))
        {
            KeptCount--;
        }

        connection.Close();
    }

    /// <summary>Closes all that are kept.</summary>
    public void Clear()
    {
        foreach (List<BackendConnection> kept in _kept.Values)
        {
            foreach (BackendConnection connection in kept)
            {
                connection.Close();
            }

            kept.Clear();
        }

        KeptCount = 0;
    }

    private List<BackendConnection> KeptOf(BackendTraffic backend)
    {
        if (!_kept.TryGetValue(backend, out List<BackendConnection>? kept))
        {
            _kept.Add(backend, kept = []);
        }

        return kept;
    }
}

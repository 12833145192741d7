using System.Net;
using ActorLb.Engine.Backends;
using ActorLb.Engine.Routing;
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

    private readonly ConnectionAges _ages = new();

    public int KeptCount { get; private set; }

    /// <summary>One that is kept and over which nothing has come since; null where there is none.</summary>
    /// <param name="repeatable">The request can be sent again where the backend has just closed it.</param>
    public BackendConnection? Take(BackendSnapshot at, bool repeatable)
    {
        BackendTraffic backend = at.Traffic;
        List<BackendConnection> kept = KeptOf(backend);
        while (kept.Count > 0)
        {
            // The others were kept for longer still.
            BackendConnection connection = kept[^1];
            long keptFor = loop.Events.Now - connection.KeptAt;
            if (!repeatable && keptFor > backend.Idle.State.KeepForUnrepeatable)
            {
                return null;
            }

            kept.RemoveAt(kept.Count - 1);
            KeptCount--;
            connection.WasKeptFor = keptFor;
            loop.Events.Timers.Set(connection, TimerWheel.Never);
            if (LeadsTo(connection, at) && connection.Look() == Unread.Nothing && !backend.Idle.State.IsMistrusted(loop.Events.Now))
            {
                return connection;
            }

            connection.Close();
        }

        return null;
    }

    /// <summary>One that is still to be connected.</summary>
    public BackendConnection New(BackendSnapshot at, BackendHost host, IPEndPoint address)
    {
        BackendTraffic backend = at.Traffic;
        long age = _ages.Next(loop.Limits.ConnectionAgeMax);
        return new BackendConnection(loop, KeptOf(backend), backend)
        {
            IsConnecting = true,
            Host = host,
            Backend = at.Address,
            Address = address,
            DiesAt = age == long.MaxValue ? TimerWheel.Never : loop.Events.Now + age,
        };
    }

    /// <summary>Keeps one that an exchange is done with, where it is good for another one and there are descriptors for it.</summary>
    /// <param name="idleTimeout">Of the pool; zero: no limit.</param>
    public void Keep(BackendConnection connection, BackendTraffic backend, TimeSpan idleTimeout)
    {
        long now = loop.Events.Now;
        long keep = backend.Idle.State.Keep((long)idleTimeout.TotalMilliseconds, now);
        connection.Exchange = null;
        if (keep <= 0 || backend.IsForgotten || connection.DiesAt <= now || !connection.Host.LeadsTo(connection.Address) || KeptCount >= loop.Parts.KeptMax)
        {
            connection.Close();
            return;
        }

        connection.KeptAt = now;
        connection.IsReused = true;
        connection.ReleaseInput();
        connection.Kept.Add(connection);
        KeptCount++;
        loop.Events.Timers.Set(connection, Math.Min(connection.DiesAt, keep >= TimerWheel.Never - now ? TimerWheel.Never : now + keep));
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

    /// <summary>Closes those that are kept and lead to where their backend's name does not lead any more.</summary>
    public void DropStrays()
    {
        foreach (List<BackendConnection> kept in _kept.Values)
        {
            for (int i = kept.Count - 1; i >= 0; i--)
            {
                if (!kept[i].Host.LeadsTo(kept[i].Address))
                {
                    Drop(kept[i]);
                }
            }
        }
    }

    /// <summary>Closes those that are kept for backends of no pool.</summary>
    public void DropForgotten()
    {
        foreach (BackendTraffic gone in _kept.Keys.Where(b => b.IsForgotten).ToArray())
        {
            _kept.Remove(gone, out List<BackendConnection>? kept);
            foreach (BackendConnection connection in kept!.ToArray())
            {
                Drop(connection);
            }
        }
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

    // After the first time the same object says so.
    private static bool LeadsTo(BackendConnection connection, BackendSnapshot at)
    {
        if (ReferenceEquals(connection.Backend, at.Address))
        {
            return true;
        }

        bool isSame = connection.Backend == at.Address;
        connection.Backend = isSame ? at.Address : connection.Backend;
        return isSame;
    }

    private List<BackendConnection> KeptOf(BackendTraffic backend)
    {
        if (!_kept.TryGetValue(backend, out List<BackendConnection>? kept))
        {
            kept = [];
            if (!backend.IsForgotten)
            {
                _kept.Add(backend, kept);
            }
        }

        return kept;
    }
}

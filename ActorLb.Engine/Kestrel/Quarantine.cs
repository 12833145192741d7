using ActorLb.Engine.Clients;

namespace ActorLb.Engine.Kestrel;

/// <summary>
/// Clients one of whose requests may be why a connection to a backend has ended that many shared: for a while they have connections of their own, so that the next one ends those of nobody
/// else. Who comes again stays longer. Bounded; any thread.
/// </summary>
internal sealed class Quarantine(TimeProvider time)
{
    /// <summary>Of more, those are forgotten whose time is over first.</summary>
    public const int ClientsMax = 4096;

    public static readonly TimeSpan Shortest = TimeSpan.FromMinutes(1);

    public static readonly TimeSpan Longest = TimeSpan.FromHours(1);

    /// <summary>A backend that dies ends many connections together, which is one reason and not many.</summary>
    public static readonly TimeSpan SameReason = TimeSpan.FromSeconds(10);

    private readonly Lock _lock = new();
    private readonly Dictionary<ClientKey, Stay> _stays = [];
    private volatile bool _isEmpty = true;

    /// <summary>Takes them in, or has them stay; returns how many were not there.</summary>
    public int Enter(ReadOnlySpan<ClientKey> clients)
    {
        if (clients.IsEmpty)
        {
            return 0;
        }

        TimeSpan now = time.GetElapsedTime(0);
        int entered = 0;
        lock (_lock)
        {
            foreach (ClientKey client in clients)
            {
                bool isKnown = _stays.TryGetValue(client, out Stay stay) && now < stay.KnownUntil;
                entered += isKnown && now < stay.Until ? 0 : 1;
                if (!isKnown)
                {
                    MakeRoom(now);
                    _stays[client] = new Stay(now, Shortest);
                }
                else if (now - stay.Since >= SameReason)
                {
                    _stays[client] = new Stay(now, 2 * stay.Length < Longest ? 2 * stay.Length : Longest);
                }
            }

            _isEmpty = false;
        }

        return entered;
    }

    public bool Has(ClientKey client)
    {
        if (_isEmpty)
        {
            return false;
        }

        lock (_lock)
        {
            return _stays.TryGetValue(client, out Stay stay) && time.GetElapsedTime(0) < stay.Until;
        }
    }

    /// <summary>Forgets whose time is over. To be called from time to time.</summary>
    public void Look()
    {
        if (_isEmpty)
        {
            return;
        }

        TimeSpan now = time.GetElapsedTime(0);
        lock (_lock)
        {
            Forget(now);
            _isEmpty = _stays.Count == 0;
        }
    }

    private void MakeRoom(TimeSpan now)
    {
        if (_stays.Count >= ClientsMax)
        {
            Forget(now);
        }

        if (_stays.Count >= ClientsMax)
        {
            _stays.Remove(_stays.MinBy(s => s.Value.Until).Key);
        }
    }

    private void Forget(TimeSpan now)
    {
        foreach (ClientKey client in _stays.Where(s => s.Value.KnownUntil <= now).Select(s => s.Key).ToArray())
        {
            _stays.Remove(client);
        }
    }

    /// <param name="Since">By a steady clock, as all of these.</param>
    private readonly record struct Stay(TimeSpan Since, TimeSpan Length)
    {
        public TimeSpan Until => Since + Length;

        /// <summary>As long again who comes back stays longer.</summary>
        public TimeSpan KnownUntil => Until + Length;
    }
}

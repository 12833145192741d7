using System.Net;
using ActorLb.Engine.Clients;

namespace ActorLb.Node.Admin;

/// <summary>
/// The connections to an admin port: bounded, and full for nobody. Where all places are taken, the newcomer gets that of
/// another one: of the address that has the most, whatever for, the connection that came first. One whose request may pass is not touched,
/// and those are fewer than there are places; some are kept for those who may change something. Any thread.
/// </summary>
/// <param name="max">Connections at a time.</param>
/// <param name="busyMax">Of these, those whose requests may pass; fewer than all, so that there is always room for who comes.</param>
/// <param name="readersMax">Of these, those of callers who may only read: a token that many have may be held by somebody who takes all that he gets.</param>
internal sealed class AdminPlaces(int max, int busyMax, int readersMax)
{
    private readonly Lock _lock = new();

    // In the order in which they came.
    private readonly List<AdminPlace> _places = [];
    // Requests end soon, also for who has many connections.
    private readonly CallerPlaces _busy = new(busyMax, readersMax, readersMax);
    private long _closed;

    public int Count
    {
        get
        {
            lock (_lock)
            {
                return _places.Count;
            }
        }
    }

    /// <summary>Connections that were closed for another one.</summary>
    public long Closed => Interlocked.Read(ref _closed);

    /// <param name="close">Closes this connection; called at most once, by whoever gets its place.</param>
    public AdminPlace Enter(IPAddress address, Action close)
    {
        var entered = new AdminPlace(ClientKey.Of(address), close);
        AdminPlace? leaves = null;
        lock (_lock)
        {
            if (_places.Count >= max)
            {
                leaves = WhoLeaves();
                _places.Remove(leaves);
                Interlocked.Increment(ref _closed);
            }

            _places.Add(entered);
        }

        leaves?.Close();
        return entered;
    }

    public void Leave(AdminPlace place)
    {
        lock (_lock)
        {
            _places.Remove(place);
        }
    }

    /// <summary>A request on this connection may pass. False: too many do already.</summary>
    public bool TryBegin(AdminPlace place, PlaceHolder caller)
    {
        lock (_lock)
        {
            if (_busy.TryTake(caller) is not null)
            {
                return false;
            }

            place.Caller = caller;
            return true;
        }
    }

    /// <summary>It was answered.</summary>
    public void End(AdminPlace place)
    {
        lock (_lock)
        {
            _busy.Leave(place.Caller!.Value);
            place.Caller = null;
        }
    }

    // Of an address with many that may pass, those that wait for nothing go first.
    private AdminPlace WhoLeaves() => _places
        .GroupBy(p => p.Client)
        .Where(g => g.Any(p => p.Caller is null))
        .MaxBy(g => g.Count())!
        .First(p => p.Caller is null);
}

/// <summary>One connection to an admin port.</summary>
internal sealed class AdminPlace(ClientKey client, Action close)
{
    public ClientKey Client => client;

    /// <summary>Whose request, which may pass, is being answered; null: none is.</summary>
    public PlaceHolder? Caller { get; set; }

    public void Close() => close();
}

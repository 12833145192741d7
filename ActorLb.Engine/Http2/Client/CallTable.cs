namespace ActorLb.Engine.Http2.Client;

/// <summary>
/// The calls of one connection, by their streams: those that have a place, those that were begun, and those that only wait for the mark of
/// their end. Under its connection's lock.
/// </summary>
/// <param name="now">When the connection was made, in milliseconds, like all times here.</param>
internal sealed class CallTable(long now)
{
    /// <summary>An answer that is whole but for the mark of its end has this long for that.</summary>
    private const int LingerMax = 2000;

    /// <summary>At a time: a backend that marks no ends holds no more of its streams by that.</summary>
    private const int LingeringMax = 10;

    private const int LastId = int.MaxValue - 2;

    private readonly Dictionary<int, Http2Call> _calls = [];
    private int _nextId = 1;
    private int _used;
    private int _lingering;

    /// <summary>Nobody has a place.</summary>
    public bool IsEmpty => _used == 0;

    /// <summary>Some were begun and are not over.</summary>
    public bool HasBegun => _calls.Count > 0;

    /// <summary>Any was ever begun.</summary>
    public bool IsUsed => _nextId > 1;

    /// <summary>When the last one left.</summary>
    public long IdleSince { get; private set; } = now;

    /// <summary>A place for one more call; false where there is none.</summary>
    /// <param name="max">At a time.</param>
    public bool TryReserve(uint max)
    {
        if (_nextId >= LastId || _used >= max)
        {
            return false;
        }

        _used++;
        return true;
    }

    /// <summary>A call that has its place goes out.</summary>
    public void Begin(Http2Call call, FlowWindow window, long headNumber, long now)
    {
        call.Begin(_nextId, window, headNumber, now);
        _nextId += 2;
        _calls.Add(call.Id, call);
    }

    /// <summary>Null: it is over, and may still be spoken of.</summary>
    /// <exception cref="Http2Exception">It never was, and may not.</exception>
    public Http2Call? Find(int id) =>
        id % 2 == 0 || id >= _nextId
            ? throw new Http2Exception(Http2Error.ProtocolError, "the backend speaks of a stream that there is not")
            : _calls.GetValueOrDefault(id);

    /// <summary>A call that nobody waits for stays until its answer is marked as over; false where too many do.</summary>
    public bool TryLinger(Http2Call call, long now)
    {
        if (_lingering >= LingeringMax)
        {
            return false;
        }

        call.LingersSince = now;
        _lingering++;
        return true;
    }

    /// <summary>Those that have lingered for too long.</summary>
    public Http2Call[] Overdue(long now) => [.. _calls.Values.Where(c => c.LingersSince <= now - LingerMax)];

    /// <summary>Those that were begun behind this one.</summary>
    public Http2Call[] Beyond(int id) => [.. _calls.Values.Where(c => c.Id > id)];

    /// <summary>All windows change by so much; false where one becomes too large.</summary>
    public bool TryShiftWindows(int change)
    {
        foreach (Http2Call call in _calls.Values)
        {
            if (!call.SendWindow.TryShift(change))
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>The call is over. More than once is once.</summary>
    public void Remove(Http2Call call, long now)
    {
        if (call.IsOver)
        {
            return;
        }

        call.IsOver = true;
        _lingering -= call.LingersSince == long.MaxValue ? 0 : 1;
        _calls.Remove(call.Id);
        _used--;
        IdleSince = now;
        call.Sendable.Wake();
    }

    /// <summary>All that were begun are over.</summary>
    /// <returns>Those.</returns>
    public Http2Call[] RemoveAll(long now)
    {
        Http2Call[] all = [.. _calls.Values];
        foreach (Http2Call call in all)
        {
            Remove(call, now);
        }

        return all;
    }

    /// <summary>Whoever waits to send looks again.</summary>
    public void WakeAll()
    {
        foreach (Http2Call call in _calls.Values)
        {
            call.Sendable.Wake();
        }
    }
}

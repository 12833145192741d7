using ActorLb.Engine.Transport;

namespace ActorLb.Engine.Epoll;

/// <summary>
/// One loop's exchanges: those under way, and those to use again. Looks at the ones that are open for long, some at a time,
/// so that thousands of tunnels hold nobody up; a request that is answered soon costs nothing for it.
/// </summary>
internal sealed class LoopExchanges(LaneLoop loop) : TimedEntry
{
    private const int SpareMax = 1024;

    /// <summary>A hundred microseconds or so.</summary>
    private const int LooksPerTurn = 512;

    private readonly List<Exchange> _all = [];
    private readonly Stack<Exchange> _spare = new();
    private long _roundBeganAt;

    // When the first of those is due that may not stay and are not to end all at once.
    private long _nextLeaves = TimerWheel.Never;

    // Those before it are still to be looked at in this round.
    private int _next;

    private long Period => (long)loop.Parts.Review.Period.TotalMilliseconds;

    /// <summary>One to use; it comes back by <see cref="Return"/>.</summary>
    public Exchange Rent()
    {
        if (DueAt == TimerWheel.Never)
        {
            loop.Events.Timers.Set(this, loop.Events.Now + Period);
        }

        if (!_spare.TryPop(out Exchange? exchange))
        {
            exchange = new Exchange(loop) { Index = _all.Count };
            _all.Add(exchange);
        }

        return exchange;
    }

    public void Return(Exchange exchange)
    {
        if (_spare.Count < SpareMax)
        {
            _spare.Push(exchange);
            return;
        }

        Exchange last = _all[^1];
        _all[exchange.Index] = last;
        last.Index = exchange.Index;
        _all.RemoveAt(_all.Count - 1);
    }

    /// <summary>One of this round is to be looked at again at this time.</summary>
    public void LookAgain(long at) => _nextLeaves = Math.Min(_nextLeaves, at);

    /// <summary>Begins a round now: something was decided about backends, or the node stops.</summary>
    public void LookNow()
    {
        _next = 0;
        OnDue();
    }

    protected internal override void OnDue()
    {
        if (_next == 0)
        {
            _next = _all.Count;
            _roundBeganAt = loop.Events.Now;
            _nextLeaves = TimerWheel.Never;
        }

        // Set before: whoever throws costs itself, and not the round.
        loop.Events.Timers.Set(this, loop.Events.Now + TimerWheel.TickMilliseconds);
        for (int looks = 0; looks < LooksPerTurn && _next > 0; looks++)
        {
            // Those that are closed leave the list, and the last ones take their places.
            _next = Math.Min(_next, _all.Count) - 1;
            if (_next < 0)
            {
                break;
            }

            Look(_all[_next]);
        }

        _next = Math.Max(0, _next);
        if (_next == 0)
        {
            loop.Events.Timers.Set(this, _all.Count > _spare.Count ? Math.Min(_roundBeganAt + Period, _nextLeaves) : TimerWheel.Never);
        }
    }

    protected internal override void OnFault()
    {
        // The exchange that threw has ended; the round goes on with the others.
    }

    private static void Look(Exchange exchange)
    {
        try
        {
            exchange.Look();
        }
        catch
        {
            exchange.OnFault();
            throw;
        }
    }
}

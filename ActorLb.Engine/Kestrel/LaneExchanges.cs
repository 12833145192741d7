using System.Collections.Concurrent;
using ActorLb.Engine.OpenExchanges;
using Microsoft.Extensions.Logging;

namespace ActorLb.Engine.Kestrel;

/// <summary>The lane's exchanges that are at a backend: looks at those that are open for long. Any thread.</summary>
internal sealed class LaneExchanges : IDisposable
{
    /// <summary>Milliseconds between two rounds.</summary>
    private const long ShortestPause = 20;

    private readonly ConcurrentDictionary<Exchange, byte> _open = new();
    private readonly Lock _round = new();
    private readonly DataPlane _plane;
    private readonly ILogger _logger;
    private readonly ITimer _timer;
    private volatile bool _nodeStops;
    private TimeSpan _period;

    // When the first of those is due that may not stay and are not to end all at once.
    private long _nextLeaves = long.MaxValue;

    public LaneExchanges(DataPlane plane, ILogger logger)
    {
        _plane = plane;
        _logger = logger;
        Review = new OpenExchangeReview(plane);
        _period = Review.Period;
        _timer = plane.Time.CreateTimer(static e => ((LaneExchanges)e!).Look(), this, _period, _period);
        plane.OpenExchangesConcerned += LookSoon;
    }

    public OpenExchangeReview Review { get; }

    /// <summary>In milliseconds.</summary>
    public long Now => (long)_plane.Time.GetElapsedTime(0).TotalMilliseconds;

    public void Add(Exchange exchange) => _open.TryAdd(exchange, 0);

    public void Remove(Exchange exchange) => _open.TryRemove(exchange, out _);

    /// <summary>One of this round is to be looked at again at this time.</summary>
    public void LookAgain(long at) => _nextLeaves = Math.Min(_nextLeaves, at);

    /// <summary>The node stops: tunnels and streams are closed from now on.</summary>
    public void CloseTunnels()
    {
        _nodeStops = true;
        LookSoon();
    }

    /// <summary>The node waits no longer.</summary>
    public void CutOff() => ForEach(static (exchange, _) => exchange.CutOff());

    public void Dispose()
    {
        _plane.OpenExchangesConcerned -= LookSoon;
        _timer.Dispose();
    }

    private void LookSoon() => ThreadPool.UnsafeQueueUserWorkItem(static e => e.Look(), this, preferLocal: false);

    // Whoever comes while a round is under way waits for it: what it was called for may have been looked at before.
    private void Look()
    {
        lock (_round)
        {
            _nextLeaves = long.MaxValue;
            ForEach(static (exchange, nodeStops) => exchange.Look(nodeStops));
            TimeSpan period = Review.Period;
            if (_nextLeaves != long.MaxValue || period != _period)
            {
                _period = period;
                TimeSpan next = _nextLeaves == long.MaxValue ? period : TimeSpan.FromMilliseconds(Math.Max(ShortestPause, _nextLeaves - Now));
                _timer.Change(next < period ? next : period, period);
            }
        }
    }

    private void ForEach(Action<Exchange, bool> act)
    {
        foreach (Exchange exchange in _open.Keys)
        {
            try
            {
                act(exchange, _nodeStops);
            }
            catch (Exception e)
            {
                Log.OpenExchangeUnseen(_logger, e);
            }
        }
    }
}

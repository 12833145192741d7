using System.Collections.Immutable;
using ActorLb.Shared.Messages;

namespace ActorLb.Engine.Rates;

/// <summary>
/// The limits that this node shares with the others, as the control plane sees them. A request never waits for it: it goes by what was
/// handed out last, and by an even part where that is too old. Any thread.
/// </summary>
public sealed class ClusterRates
{
    /// <summary>After which nobody goes by a share any more: two reports may be late, or lost.</summary>
    public static readonly TimeSpan SharesLast = TimeSpan.FromSeconds(2);

    private readonly Func<ImmutableArray<ShareTable>> _tables;
    private readonly TimeProvider _time;

    /// <param name="tables">Those of the topology in force.</param>
    internal ClusterRates(Func<ImmutableArray<ShareTable>> tables, TimeProvider time)
    {
        _tables = tables;
        _time = time;
    }

    /// <summary>Whether any route has such a limit.</summary>
    public bool AreUsed => !_tables().IsEmpty;

    internal SharesInForce InForce { get; } = new();

    private TimeSpan Now => _time.GetElapsedTime(0);

    /// <inheritdoc cref="SharesInForce.Follow"/>
    public void Follow(int nodes, uint view) => InForce.Follow(nodes, view);

    /// <summary>The keys of which most is asked for here, where it is so much that their owners are to hear of it.</summary>
    public ImmutableArray<RatePart> Hot(int max)
    {
        var hot = new List<RatePart>();
        TimeSpan now = Now;
        foreach (ShareTable table in _tables())
        {
            table.AddHot(hot, now);
        }

        return [.. hot.Count <= max ? hot : hot.OrderByDescending(h => h.Millionths).Take(max)];
    }

    /// <summary>Goes by what an owner gave.</summary>
    public void Give(IEnumerable<RatePart> shares, uint view)
    {
        Dictionary<uint, ShareTable> byRoute = _tables().DistinctBy(t => t.Route).ToDictionary(t => t.Route);
        TimeSpan now = Now;
        foreach (RatePart share in shares)
        {
            byRoute.GetValueOrDefault(share.Id.Route)?.Give(share.Id.Key, Math.Min(share.Millionths, RatePart.Whole) / (double)RatePart.Whole, now + SharesLast, now, view);
        }
    }
}

using ActorLb.Shared.Settings;

namespace ActorLb.Node.Sessions.TicketKeys;

/// <summary>How long ticket keys live, from the longest idle timeout of the pools that have affinity; in milliseconds.</summary>
/// <param name="Refresh">How far behind the ring may be about when a key last signed: an eighth of the idle timeout.</param>
/// <param name="Retirement">How long after it last signed a key still verifies.</param>
internal sealed record TicketKeyTimes(long Refresh, long Retirement)
{
    /// <summary>Clocks of nodes may be this far apart.</summary>
    private static readonly TimeSpan ClockMargin = TimeSpan.FromMinutes(5);

    public static TicketKeyTimes Of(Topology topology)
    {
        TimeSpan idle = topology.Pools.Values
            .Where(p => p.Affinity.HasTickets)
            .Select(p => p.Affinity.IdleTimeout)
            .DefaultIfEmpty(TimeSpan.Zero)
            .Max();

        // A session that lives was used within the timeout (an eighth is the granularity of touches), and its ticket
        // was at most a quarter old then. The last eighth is the refresh interval.
        return new TicketKeyTimes((long)(idle / 8).TotalMilliseconds, (long)((idle * 1.5) + ClockMargin).TotalMilliseconds);
    }
}

using System.Runtime.CompilerServices;
using ActorLb.Engine.Routing;
using ActorLb.Engine.Sessions;
using ActorLb.Engine.Traffic;

namespace ActorLb.Engine.Exchanges;

/// <summary>
/// On which side of a route's split a request goes: a session stays on its own, a new one goes by weight. Of tickets of several sides the
/// one counts whose session a split began, and of those the last; what other routes have begun counts in the order of the pools.
/// </summary>
internal static class SplitSides
{
    [SkipLocalsInit]
    public static PoolSnapshot Choose(IExchange exchange, in ChosenRoute route, TrafficDirector director)
    {
        Span<byte> buffer = stackalloc byte[PresentedTickets.BufferBytes];
        PoolSnapshot? side = null;
        TicketClaim first = default;
        for (int i = 0; i < route.Split!.Places.Length; i++)
        {
            PoolSnapshot pool = route.PoolAt(i);
            if (pool.Affinity is not { } affinity)
            {
                continue;
            }

            var tickets = new PresentedTickets(buffer);
            exchange.FindTickets(affinity, ref tickets);
            if (tickets.Count > 0 && director.TicketOf(pool, affinity, tickets) is { } ticket && (side is null || ticket.Outranks(first)))
            {
                (side, first) = (pool, ticket);
            }
        }

        if (side is not null)
        {
            return director.IsOver(side) && Another(route) is { } other ? other : side;
        }

        PoolSnapshot next = route.PoolAt(route.Split.Next());
        return next.TakesNewSessions ? next : Another(route) ?? next;
    }

    // One that nobody serves now has no share of what begins now.
    private static PoolSnapshot? Another(in ChosenRoute route)
    {
        for (int i = 0; i < route.Split!.Places.Length; i++)
        {
            PoolSnapshot pool = route.PoolAt(i);
            if (route.Split.Takes(i) && pool.TakesNewSessions)
            {
                return pool;
            }
        }

        return null;
    }
}

using ActorLb.Engine.Routing;
using ActorLb.Engine.Sessions;
using ActorLb.Shared.Sessions;

namespace ActorLb.Engine.OpenExchanges;

/// <summary>
/// Keeps a session in use while one of its exchanges is open: its table and its owner hear of it, so that the session
/// outlives the ticket that its client got long ago.
/// </summary>
internal static class SessionUse
{
    /// <summary>Of the idle timeout: often enough that a lost notice ends no session, seldom enough for a million tunnels.</summary>
    private const int TouchesPerTimeout = 4;

    /// <summary>The session is in use now. Noted where the last use that anybody knows of is a part of the timeout ago.</summary>
    /// <param name="held">As the exchange has its session.</param>
    public static void Continue(DataPlane plane, PoolAffinity affinity, in Binding held, ref uint notedAt, uint now) =>
        Note(plane, affinity, held, ref notedAt, now, affinity.Settings.IdleTimeout / TouchesPerTimeout);

    /// <summary>The exchange has ended: the session is used until now, as after any request.</summary>
    public static void End(DataPlane plane, PoolAffinity affinity, in Binding held, ref uint notedAt, uint now) =>
        Note(plane, affinity, held, ref notedAt, now, affinity.Settings.IdleTimeout / (2 * TouchesPerTimeout));

    private static void Note(DataPlane plane, PoolAffinity affinity, in Binding held, ref uint notedAt, uint now, TimeSpan age)
    {
        bool known = affinity.Table.TryGet(held.Id, out Binding binding);
        if (known && binding.IsEnded)
        {
            return;
        }

        uint last = known ? Math.Max(binding.LastSeen, notedAt) : notedAt;
        notedAt = last;
        if (last != 0 && (ulong)last + (ulong)age.TotalSeconds >= now)
        {
            return;
        }

        // A new session's first request may be the tunnel: then nobody has heard of it before. Where the table is full it
        // is offered again next time, and until then its ticket alone carries it.
        notedAt = now;
        Binding seen = (known ? Binding.Merge(binding, held) : held).Seen(now);
        affinity.Table.Note(seen);
        plane.Sessions.Offer(new SessionNotice(affinity.Pool, seen, known ? SessionNoticeKind.Touched : SessionNoticeKind.Adopted));
    }
}

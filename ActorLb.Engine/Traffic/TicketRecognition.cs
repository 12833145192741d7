using ActorLb.Engine.Routing;
using ActorLb.Engine.Sessions;
using ActorLb.Shared.Backends;
using ActorLb.Shared.Sessions;

namespace ActorLb.Engine.Traffic;

/// <summary>
/// Says which session a request belongs to, by the tickets that it presents: whether one is genuine, and where its
/// session lives as far as this node knows. Notes what tickets know better, and when sessions are used.
/// </summary>
internal sealed class TicketRecognition(DataPlane plane)
{
    /// <summary>False where no ticket is a genuine one of a live session.</summary>
    public bool TryRecognise(PoolAffinity affinity, in PresentedTickets presented, SessionTime time, out RecognisedSession session)
    {
        session = default;
        if (presented.Unreadable > 0)
        {
            plane.SessionCounters.TicketsRefused(presented.Unreadable);
        }

        bool isFound = false;
        for (int i = 0; i < presented.Count; i++)
        {
            if (TryJudge(affinity, presented[i], presented.IsSecure(i), time, out RecognisedSession other))
            {
                session = isFound ? RecognisedSession.Choose(session, other) : other;
                isFound = true;
            }
        }

        if (!isFound)
        {
            return false;
        }

        if (session.TableIsBehind)
        {
            // The ticket knows more than our table: this node is new, or the replica has not come round yet.
            session = session with { Binding = session.Binding with { LastSeen = time.Now } };
            affinity.Adopt(session.Binding);
            plane.Count(affinity.Pool, session.Binding.Backend, SessionEvent.Adopted);
        }
        else
        {
            affinity.Touch(session.Binding, time.Now);
        }

        return true;
    }

    /// <summary>The first by <see cref="TicketClaim.Outranks"/> of the genuine tickets of sessions that may be alive; null: there is none. Counts nothing, and notes nothing.</summary>
    public static TicketClaim? FirstOf(PoolAffinity affinity, in PresentedTickets presented, SessionTime time)
    {
        TicketClaim? first = null;
        for (int i = 0; i < presented.Count; i++)
        {
            TicketClaim claim = TicketCodec.ClaimOf(presented[i]);
            bool known = affinity.Table.TryGet(claim.Session, out Binding binding) && !binding.IsExpired(time.Ending, affinity.Settings.IdleTimeout);
            bool isGenuine = (known && claim.Version <= binding.Version && affinity.Verified.Contains(presented[i], claim))
                || affinity.Codec.TryOpen(presented[i], claim, out Binding _);
            if (isGenuine && !(known && binding.IsEnded) && (first is not { } other || claim.Outranks(other)))
            {
                first = claim;
            }
        }

        return first;
    }

    private bool TryJudge(PoolAffinity affinity, ReadOnlySpan<byte> ticket, bool isSecure, SessionTime time, out RecognisedSession session)
    {
        TicketClaim claim = TicketCodec.ClaimOf(ticket);
        bool known = affinity.Table.TryGet(claim.Session, out Binding binding) && !binding.IsExpired(time.Ending, affinity.Settings.IdleTimeout);
        session = new RecognisedSession(binding, claim, known, TableIsBehind: false, isSecure, IsContested: false);
        if (known && claim.Version <= binding.Version && !binding.IsEnded && affinity.Verified.Contains(ticket, claim))
        {
            return true;
        }

        TicketCodec codec = affinity.Codec;
        if (!codec.TryOpen(ticket, claim, out Binding carried))
        {
            plane.SessionCounters.TicketsRefused(1);
            if (!codec.KnowsKeyOf(ticket))
            {
                plane.SessionCounters.TicketKeyUnknown();
                plane.UnknownKeys.Saw(TicketCodec.KeyOf(ticket), claim, time.Now);
            }

            return false;
        }

        if (known && binding.IsEnded)
        {
            plane.SessionCounters.TicketOfEnded();
            Outlive(affinity, binding, carried, time.Now);
            return false;
        }

        affinity.Verified.Add(ticket, claim);
        if (known && !carried.Supersedes(binding))
        {
            return true;
        }

        if (!known && carried.IsExpired(time.Ending, affinity.Settings.IdleTimeout))
        {
            plane.SessionCounters.TicketExpired();
            return false;
        }

        session = session with { Binding = carried, TableIsBehind = true };
        return true;
    }

    // The other side of a partition may have gone on with it, and given out a ticket that is later than the last use that it told.
    private void Outlive(PoolAffinity affinity, in Binding ended, in Binding carried, uint now)
    {
        if (Math.Min(carried.LastSeen, now) > ended.LastSeen)
        {
            Binding seen = ended.Seen(Math.Min(carried.LastSeen, now));
            affinity.Table.Note(seen);
            plane.Sessions.Offer(new SessionNotice(affinity.Pool, seen, SessionNoticeKind.Touched));
        }
    }
}

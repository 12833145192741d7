using ActorLb.Engine.Routing;
using ActorLb.Engine.Sessions;
using ActorLb.Shared.Backends;
using ActorLb.Shared.Sessions;

namespace ActorLb.Engine.Traffic;

/// <summary>
/// Says which session a request belongs to by the values of the application's own cookie: the first of them that this node
/// knows, in the order in which they came; and where it knows none, the first that its owner knows.
/// </summary>
internal sealed class LearnedRecognition(DataPlane plane)
{
    /// <summary>Values of one request whose owners are asked, one after the other: that of a host, and that of its domain.</summary>
    private const int AskedMax = 2;

    /// <summary>False where this node knows none of the values.</summary>
    public bool TryRecognise(PoolAffinity affinity, in PresentedTickets presented, SessionTime time, out Binding session)
    {
        for (int i = 0; i < presented.Count; i++)
        {
            if (TryRecognise(affinity, presented.IdAt(i), time, out session))
            {
                return true;
            }
        }

        session = default;
        return false;
    }

    /// <summary>Whether an operator ended a session that one of the values names.</summary>
    public static bool IsOfEnded(PoolAffinity affinity, in PresentedTickets presented, SessionTime time)
    {
        for (int i = 0; i < presented.Count; i++)
        {
            if (affinity.Table.TryGet(presented.IdAt(i), out Binding known) && known.IsEnded && !known.IsExpired(time.Ending, affinity.Settings.IdleTimeout))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>
    /// Those whose owners are to be asked: not those that were unknown to them a moment ago, nor more than the client may have asked
    /// for. Empty where there are none.
    /// </summary>
    public SessionId[] ToAsk(PoolAffinity affinity, in PresentedTickets presented, IFirstRequest? request, SessionTime time)
    {
        Span<SessionId> unknown = stackalloc SessionId[AskedMax];
        int count = 0;
        for (int i = 0; i < presented.Count && count < AskedMax; i++)
        {
            if (!affinity.Unknown.Contains(presented.IdAt(i), time.Now))
            {
                unknown[count++] = presented.IdAt(i);
            }
        }

        if (count == 0)
        {
            return [];
        }

        int asked = affinity.Questions.Take(request.ClientHash(), count, (long)plane.Time.GetElapsedTime(0).TotalMilliseconds);
        plane.SessionCounters.ValuesUnasked(count - asked);
        return unknown[..asked].ToArray();
    }

    /// <summary>The first that its owner knows; null where none does, or none answers.</summary>
    public async ValueTask<Binding?> FindAsync(PoolAffinity affinity, SessionId[] unknown, CancellationToken cancellation)
    {
        foreach (SessionId id in unknown)
        {
            Binding? found = await plane.Rebinder.FindAsync(affinity.Pool, id, affinity.Settings.RebindTimeout, cancellation).ConfigureAwait(false);
            SessionTime time = plane.Clock.Read();

            // Or it was told meanwhile.
            if (TryRecognise(affinity, id, time, out Binding known))
            {
                return known;
            }

            if (found is { } binding && binding.Backend != BackendKey.None && !binding.IsExpired(time.Ending, affinity.Settings.IdleTimeout))
            {
                binding = binding.Seen(time.Now);
                affinity.Adopt(binding);
                plane.Count(affinity.Pool, binding.Backend, SessionEvent.Adopted);
                return binding;
            }

            if (found is not null)
            {
                affinity.Unknown.Add(id, time.Now);
            }
        }

        return null;
    }

    private bool TryRecognise(PoolAffinity affinity, SessionId id, SessionTime time, out Binding session)
    {
        if (affinity.Table.TryGet(id, out session) && !session.IsExpired(time.Ending, affinity.Settings.IdleTimeout))
        {
            if (session.IsEnded)
            {
                plane.SessionCounters.TicketOfEnded();
                return false;
            }

            affinity.Touch(session, time.Now);
            return true;
        }

        if (!affinity.Learned.TryGet(id, out session))
        {
            return false;
        }

        // It came back: from now on it is a session like any other.
        session = session.Seen(time.Now);
        affinity.Adopt(session);
        plane.Count(affinity.Pool, session.Backend, SessionEvent.Adopted);
        return true;
    }
}

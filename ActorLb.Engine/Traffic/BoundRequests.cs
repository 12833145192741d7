using ActorLb.Engine.Failures;
using ActorLb.Engine.Routing;
using ActorLb.Engine.Sessions;
using ActorLb.Shared.Backends;
using ActorLb.Shared.Sessions;

namespace ActorLb.Engine.Traffic;

/// <summary>
/// Requests of bound sessions whose backend is gone, silent, or cannot be connected to. A session leaves its backend by its
/// owner's decision: once the verdict or the operator took it out, or where this node alone cannot connect for too long.
/// </summary>
internal sealed class BoundRequests(DataPlane plane)
{
    private readonly HeldRequests _held = new(plane);

    /// <summary>The request's backend is silent: there is a verdict on it first, or one connect of its own.</summary>
    public async ValueTask<Assignment> AwaitVerdictAsync(PoolAffinity affinity, Assignment home, CancellationToken cancellation)
    {
        Hold hold = home.Hold.TimedOut(plane.Time.GetTimestamp());
        HoldEnd end = await _held.BeforeConnectAsync(home.Pool, home.Backend!, cancellation);
        return end == HoldEnd.TryAgain
            ? home with { Hold = hold }
            : await LeaveAsync(affinity, home, hold, end, failed: BackendKey.None, cancellation);
    }

    /// <summary>Where the request goes that could not connect to its backend: there again, or to its session's new home.</summary>
    public async ValueTask<Assignment> ReassignAsync(
        PoolAffinity affinity, Assignment failed, RequestOutcome? outcome, CancellationToken cancellation)
    {
        if (outcome is not (RequestOutcome.ConnectFailed or RequestOutcome.ConnectTimedOut))
        {
            return await FollowAsync(affinity, failed, cancellation);
        }

        long now = plane.Time.GetTimestamp();
        BackendSnapshot backend = failed.Backend!;
        bool timedOut = outcome == RequestOutcome.ConnectTimedOut;
        Hold hold = timedOut ? failed.Hold.TimedOut(now) : failed.Hold.Refused(now);
        HoldEnd end = await (timedOut
            ? _held.AfterTimeoutAsync(failed.Pool, backend, hold, cancellation)
            : _held.AfterRefusalAsync(failed.Pool, backend, hold, cancellation));
        PoolSnapshot pool = plane.Now(failed.Pool);
        return end == HoldEnd.CutOff ? failed with { Pool = pool, Backend = null }
            : end == HoldEnd.TryAgain && pool.Find(backend.Key) is { } again
            ? failed with { Pool = pool, Backend = again, Hold = hold }
            : await LeaveAsync(affinity, failed, hold, end, failed: backend.Key, cancellation);
    }

    // It was not the way to the backend that failed: the session moves only where it has left already, or must.
    private ValueTask<Assignment> FollowAsync(PoolAffinity affinity, in Assignment failed, CancellationToken cancellation)
    {
        bool hasMoved = affinity.Table.TryGet(failed.Binding.Id, out Binding known) && known.Supersedes(failed.Binding);
        known = hasMoved ? known : failed.Binding;
        PoolSnapshot pool = plane.Now(failed.Pool);
        return pool.Find(known.Backend) is not { } home || !plane.Keeps(home, known.Id) ? RebindAsync(pool, affinity, known, cancellation)
            : hasMoved ? new(new Assignment(pool, home, known, IsBound: true, NeedsTicket: affinity.CanIssue) { Left = new Departure(failed.Binding.Backend, ReasonToLeave(pool.Find(failed.Binding.Backend))) })
            : new(failed with { Backend = null });
    }

    /// <summary>The new home of a session whose backend does not keep it, or that backend where it came back meanwhile.</summary>
    /// <param name="pool">As the request saw it.</param>
    public ValueTask<Assignment> RebindAsync(PoolSnapshot pool, PoolAffinity affinity, in Binding known, CancellationToken cancellation) =>
        RebindAsync(pool, affinity, known, failed: BackendKey.None, mayStay: true, unreached: false, cancellation);

    /// <param name="failed">The backend, where this request could not connect to it.</param>
    private async ValueTask<Assignment> LeaveAsync(
        PoolAffinity affinity, Assignment left, Hold hold, HoldEnd end, BackendKey failed, CancellationToken cancellation)
    {
        bool unreached = end == HoldEnd.Unreached;
        bool mayStay = failed == BackendKey.None && !unreached;
        Assignment next = await RebindAsync(left.Pool, affinity, left.Binding, failed, mayStay, unreached, cancellation);
        if (unreached && next.Backend is not null)
        {
            left.Backend!.Traffic.SessionLeftUnreached();
        }

        return next with { Hold = hold.Elsewhere };
    }

    /// <param name="failed">The known backend, where this request could not connect to it: the owner keeps others from moving there for a while.</param>
    /// <param name="unreached">The known backend is up, and only this node cannot connect to it.</param>
    private async ValueTask<Assignment> RebindAsync(
        PoolSnapshot seen, PoolAffinity affinity, Binding known, BackendKey failed, bool mayStay, bool unreached, CancellationToken cancellation)
    {
        // Where there is nobody to move to, a question would be answered when somebody comes up, and then move a session
        // whose own backend may have come up with him.
        Rebound? rebound = plane.Now(seen).NewHome(known.Id, known.Backend) is null
            ? null
            : await plane.Rebinder.RebindAsync(affinity.Pool, known, failed, affinity.Settings.RebindTimeout, cancellation);

        Binding? decided = rebound?.Binding;

        // The snapshot of now, not of when the request came: the wait may have been long.
        PoolSnapshot pool = plane.Now(seen);
        uint now = plane.Clock.Now;
        if (HasEnded(affinity, known.Id, decided))
        {
            return Anew(pool, affinity, known.Id, now);
        }

        Binding binding;
        BackendSnapshot? backend;
        Departure? left = null;
        if (decided is { } answer && answer.Supersedes(known) && (backend = pool.Find(answer.Backend)) is not null)
        {
            binding = answer with { LastSeen = now };
            affinity.Table.Note(binding);
            left = Left(pool, known, unreached);
            if (rebound is { IsNew: true })
            {
                Count(pool, left);
                plane.SessionCounters.SessionRebound(left.Reason);
            }
        }
        else if (mayStay && pool.Find(known.Backend) is { } home && plane.Keeps(home, known.Id))
        {
            // It came back while nobody answered.
            binding = known with { LastSeen = now };
            backend = home;
        }
        else if ((backend = pool.NewHome(known.Id, known.Backend)) is not null)
        {
            // The owner is silent, or has no home for it: the same choice by the same hash, and the owner hears of it.
            binding = known.MovedTo(backend.Key, now);
            affinity.Adopt(binding);
            plane.SessionCounters.SessionReboundAlone();
            left = Left(pool, known, unreached);
            Count(pool, left);
        }
        else
        {
            // Nobody takes it. One that was only to leave stays.
            binding = known with { LastSeen = now };
            backend = mayStay && pool.Find(known.Backend) is { KeepsSessions: true } stays ? stays : null;
        }

        // A ticket tells every node of the move; an application's cookie tells nobody, and the client may go on anywhere.
        if (affinity.LearnedCookie is not null && binding.Supersedes(known))
        {
            await plane.Rebinder.ShareAsync(affinity.Pool, binding);
        }

        return new Assignment(pool, backend, binding, IsBound: true, NeedsTicket: backend is not null && affinity.CanIssue) { Left = left };
    }

    // At the owner, or here while the request waited.
    private static bool HasEnded(PoolAffinity affinity, SessionId session, Binding? decided)
    {
        if (decided is { IsEnded: true } ended)
        {
            affinity.Table.Note(ended);
            return true;
        }

        return affinity.Table.TryGet(session, out Binding now) && now.IsEnded;
    }

    private static Assignment Anew(PoolSnapshot pool, PoolAffinity affinity, SessionId ended, uint now)
    {
        SessionId id = SessionIds.Next(ended.IsOfSplit);
        BackendSnapshot? backend = pool.NewHome(id, BackendKey.None);
        Binding begun = affinity.LearnedCookie is null ? new Binding(id, backend?.Key ?? BackendKey.None, 1, now) : default;
        return new Assignment(pool, backend, begun, IsBound: false, NeedsTicket: backend is not null && affinity.CanIssue);
    }

    private static Departure Left(PoolSnapshot pool, in Binding left, bool unreached) =>
        new(left.Backend, unreached ? MoveReason.Unreachable : ReasonToLeave(pool.Find(left.Backend)));

    private static void Count(PoolSnapshot pool, Departure left) =>
        (pool.Find(left.From)?.Traffic.Sessions ?? pool.Table.OfGone).Count((SessionEvent)((int)SessionEvent.MovedDown + (int)left.Reason));

    private static MoveReason ReasonToLeave(BackendSnapshot? backend) =>
        backend is null ? MoveReason.Removed
        : backend.Operator == OperatorState.Maintenance ? MoveReason.Maintenance
        : backend is { Operator: OperatorState.Draining, Health: not BackendHealth.Down } ? MoveReason.Drained
        : MoveReason.Down;
}

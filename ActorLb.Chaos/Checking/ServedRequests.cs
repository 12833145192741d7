using ActorLb.Chaos.History;

namespace ActorLb.Chaos.Checking;

/// <summary>Which requests failed that no fault excuses.</summary>
public static class ServedRequests
{
    /// <summary>A kill is noted a moment after it took effect, in seconds.</summary>
    private const double KillSeconds = 0.1;

    /// <summary>
    /// A connection that a dead backend has closed may be used before the balancer has read that it is. Requests that
    /// may be sent again are; another one is lost. In seconds.
    /// </summary>
    private const double UnreadEndSeconds = 0.5;

    /// <summary>What was sent when the last node had just marked a backend down, in seconds.</summary>
    private const double MarkSeconds = 0.5;

    public static IEnumerable<Attempt> Unexcused(RunHistory history, SessionWalks walks) =>
        history.Attempts.Where(a => !a.Succeeded && !IsExcused(a, history, walks));

    /// <summary>
    /// A node that is away cannot answer; where it stops in good order, only what was never sent is excused. A request
    /// that a dying backend already has cannot be sent again; one to a backend that hangs fails until it is marked down.
    /// </summary>
    public static bool IsExcused(Attempt attempt, RunHistory history, SessionWalks walks) => history.Faults.Any(f =>
        f.Away.Any(a => a.Excuses(attempt)) || IsLostOnBackend(attempt, f, walks));

    private static bool IsLostOnBackend(Attempt attempt, FaultSpan fault, SessionWalks walks)
    {
        if (attempt.End == AttemptEnd.Refused || fault.Backends.IsEmpty || !IsWhileLost(attempt, fault))
        {
            return false;
        }

        string[] homes = attempt.SessionSent is { } session ? [.. walks.HomesAt(session, attempt.Sent)] : [];
        return homes.Length == 0 || homes.Any(fault.Backends.Contains);
    }

    private static bool IsWhileLost(Attempt attempt, FaultSpan fault)
    {
        if (fault.Kind == FaultKind.KillBackend)
        {
            double after = attempt.Method == "GET" ? KillSeconds : UnreadEndSeconds;
            return attempt.Overlaps(fault.At - KillSeconds, (fault.StruckAt ?? fault.At) + after);
        }

        return fault.Kind.LeavesRequestsHanging()
            && attempt.Overlaps(fault.At - KillSeconds, (fault.MarkedDownAt ?? fault.HealedAt ?? fault.Until) + MarkSeconds);
    }
}

using ActorLb.Chaos.History;

namespace ActorLb.Chaos.Checking;

/// <summary>Which requests may fail.</summary>
public static class RequestAllowances
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

    public static IReadOnlyList<Allowance<Attempt>> All { get; } =
    [
        new("node-away", (a, fault, _) => fault.Away.Any(w => !w.Gracefully && w.Meets(a.Node, a.Sent, a.Ended))),
        new("node-stops", (a, fault, _) => a.End == AttemptEnd.Refused && fault.Away.Any(w => w.Gracefully && w.Meets(a.Node, a.Sent, a.Ended))),
        new("backend-killed", (a, fault, walks) => WasAtKilled(a, fault, KillSeconds, walks)),
        new("unread-end", (a, fault, walks) => a.Method != "GET" && WasAtKilled(a, fault, UnreadEndSeconds, walks)),
        new("backend-hangs", WasAtHanging),
    ];

    /// <returns>The first that covers it; null: none does.</returns>
    public static string? NameOf(Attempt attempt, RunHistory history, SessionWalks walks) =>
        All.FirstOrDefault(r => history.Faults.Any(f => r.Covers(attempt, f, walks)))?.Name;

    private static bool WasAtKilled(Attempt attempt, FaultSpan fault, double after, SessionWalks walks) =>
        fault.Kind == FaultKind.KillBackend
        && attempt.Overlaps(fault.At - KillSeconds, (fault.StruckAt ?? fault.At) + after)
        && MayBeAtBackendOf(attempt, fault, walks);

    private static bool WasAtHanging(Attempt attempt, FaultSpan fault, SessionWalks walks) =>
        fault.Kind.LeavesRequestsHanging()
        && attempt.Overlaps(fault.At - KillSeconds, (fault.MarkedDownAt ?? fault.HealedAt ?? fault.Until) + MarkSeconds)
        && MayBeAtBackendOf(attempt, fault, walks);

    private static bool MayBeAtBackendOf(Attempt attempt, FaultSpan fault, SessionWalks walks)
    {
        if (attempt.End == AttemptEnd.Refused || fault.Backends.IsEmpty)
        {
            return false;
        }

        // Whom nobody knows may be anywhere.
        if (walks.GapOf(attempt) is not null)
        {
            return true;
        }

        string[] homes = [.. ((string?[])[attempt.SessionSent, attempt.Also]).OfType<string>().SelectMany(s => walks.HomesAt(s, attempt.Sent))];
        return homes.Length == 0 || homes.Any(fault.Backends.Contains);
    }
}

using ActorLb.Chaos.Checking;
using ActorLb.Chaos.History;

namespace ActorLb.Chaos.Reporting;

/// <summary>What one fault did, in figures. Seconds are null where the thing did not come to pass or has no meaning.</summary>
/// <param name="Requests">Sent or answered between its beginning and the time when all was as before.</param>
/// <param name="Failed">Of these, those that no fault excuses.</param>
/// <param name="Excused">Those that failed where nobody could have answered: at a node that was away, on a backend that died.</param>
/// <param name="Refused">Found nobody at an address, and went on to the next.</param>
/// <param name="Moved">Sessions that moved because of it.</param>
/// <param name="OtherSide">Of these, those that two sides moved to different homes, until they met again.</param>
/// <param name="WorstAnswerElsewhere">The slowest good answer of a node that was not hit, for a session whose backend was not.</param>
/// <param name="MarkedDownAfter">From its beginning until all nodes had its backends marked down; alone, not during another fault.</param>
/// <param name="OneClusterAfter">From its end.</param>
/// <param name="EqualAfter">From its end until all nodes counted the same sessions on each backend.</param>
/// <param name="FirstAnswerAfter">From the start of the nodes until one of them answered.</param>
/// <param name="ShareAfter">From the start of new backends until every node had given each of them a new session.</param>
public sealed record FaultFigures(
    FaultSpan Fault,
    int Requests,
    int Failed,
    int Excused,
    int Refused,
    int Moved,
    int OtherSide,
    double? WorstAnswerElsewhere,
    double? MarkedDownAfter,
    double? OneClusterAfter,
    double? EqualAfter,
    double? FirstAnswerAfter,
    double? ShareAfter)
{
    public static IReadOnlyList<FaultFigures> Of(RunHistory history)
    {
        var walks = new SessionWalks(history);
        HashSet<long> unexcused = [.. ServedRequests.Unexcused(history, walks).Select(a => a.Number)];
        return [.. history.Faults.Select(f => Of(f, history, walks, unexcused))];
    }

    private static FaultFigures Of(FaultSpan fault, RunHistory history, SessionWalks walks, HashSet<long> unexcused)
    {
        Attempt[] during = [.. history.Attempts.Where(fault.Touches)];
        Move[] moves = [.. walks.Moves.Where(m => m.Fault?.Number == fault.Number)];
        return new FaultFigures(
            fault,
            during.Length,
            during.Count(a => unexcused.Contains(a.Number)),
            during.Count(a => !a.Succeeded && a.End != AttemptEnd.Refused && !unexcused.Contains(a.Number)),
            during.Count(a => a.End == AttemptEnd.Refused && !unexcused.Contains(a.Number)),
            moves.Where(m => m.Why == MoveReason.HomeGone).DistinctBy(m => m.Session).Count(),
            moves.Where(m => m.Why == MoveReason.OtherSide).DistinctBy(m => m.Session).Count(),
            WorstElsewhere(fault, history, walks, during),
            history.Faults.Any(f => f.Number != fault.Number && f.At <= fault.MarkedDownAt && f.Until >= fault.At) ? null : fault.MarkedDownAt - fault.At,
            fault.OneClusterAt - fault.HealedAt,
            fault.EqualAt - fault.HealedAt,
            FirstAnswer(fault, during) - fault.StartedAt,
            ShareAt(fault, during) - fault.AddedAt);
    }

    private static double? WorstElsewhere(FaultSpan fault, RunHistory history, SessionWalks walks, Attempt[] during)
    {
        FaultSpan[] all = [.. history.Faults.Where(f => f.At <= fault.Until && f.Until >= fault.At)];
        HashSet<string> hitNodes = [.. all.SelectMany(f => f.Away).Select(a => a.Node)];
        HashSet<string> hitBackends = [.. all.SelectMany(f => f.Backends)];
        HashSet<string> hitSessions = [.. walks.Moves.Where(m => hitBackends.Contains(m.From)).Select(m => m.Session)];
        bool slow = all.Any(f => f.Kind == FaultKind.SlowBackend);
        Attempt[] elsewhere = slow ? [] :
        [
            .. during.Where(a => a is { Succeeded: true, Use: RequestUse.Page } && !hitNodes.Contains(a.Node) && a.SessionSent is { } session
                && a.Backend is { } backend && !hitBackends.Contains(backend) && !hitSessions.Contains(session)),
        ];
        return elsewhere.Length == 0 ? null : elsewhere.Max(a => a.Took);
    }

    private static double? FirstAnswer(FaultSpan fault, Attempt[] during) => during
        .Where(a => a.Succeeded && a.Ended > fault.StartedAt && fault.Away.Any(w => w.Node == a.Node))
        .Min(a => (double?)a.Ended);

    private static double? ShareAt(FaultSpan fault, Attempt[] during)
    {
        if (fault.NewBackends.IsEmpty)
        {
            return null;
        }

        double?[] firsts =
        [
            .. from node in during.Select(a => a.Node).Distinct()
               from backend in fault.NewBackends
               select during.Where(a => a.Node == node && a.Backend == backend).Min(a => (double?)a.Ended),
        ];
        return firsts.Max();
    }
}

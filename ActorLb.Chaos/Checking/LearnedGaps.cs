using ActorLb.Chaos.History;

namespace ActorLb.Chaos.Checking;

/// <summary>
/// Times in which some node may not know a session of a pool that learns the application's cookie. There is no ticket: what a node has not
/// heard of, and no disk has, is nobody's session, and its requests take their turn.
/// </summary>
public static class LearnedGaps
{
    /// <summary>What came back so shortly before all nodes died is on no disk, in seconds: node.flush-interval, and what a busy disk takes.</summary>
    private const double DiskSeconds = 1.5;

    /// <summary>What was learned so shortly before a cut may not have been told, in seconds.</summary>
    private const double TellSeconds = 0.5;

    /// <summary>What an owner did not know is not asked for again for so long, in seconds; and a little.</summary>
    private const double AskAgainSeconds = 3;

    /// <summary>So long after a session's move another node may have its old server answer, because it has not heard of the move, in seconds.</summary>
    private const double HearSeconds = 0.5;

    /// <param name="requests">Of one session, in the order in which they were sent.</param>
    public static IEnumerable<LearnedGap> Of(RunHistory history, IReadOnlyList<Attempt> requests)
    {
        Attempt[] learned = [.. requests.Where(a => a is { Succeeded: true, SessionGiven: not null, Pool: LearnedPool })];
        foreach (Attempt answer in learned)
        {
            double cameBack = requests.FirstOrDefault(a => a.Sent >= answer.Ended)?.Sent ?? double.PositiveInfinity;
            foreach (FaultSpan fault in history.Faults)
            {
                if (fault.Kind == FaultKind.KillAllNodes && answer.Sent <= fault.At && cameBack > fault.At - DiskSeconds)
                {
                    yield return new LearnedGap("not-on-disk", fault.At, learned.FirstOrDefault(l => l.Sent >= fault.At)?.Ended ?? double.PositiveInfinity);
                }

                // Nodes that all start anew are many clusters at first.
                if ((fault.Kind.Splits() || fault.Kind is FaultKind.KillAllNodes or FaultKind.StopAll) && answer.Ended >= fault.At - TellSeconds && answer.Sent <= SessionWalks.AgreedAt(fault))
                {
                    yield return new LearnedGap("not-told", answer.Sent, SessionWalks.AgreedAt(fault) + AskAgainSeconds);
                }
            }
        }

        foreach (LearnedGap login in LoginsAtOldHomes(history, requests))
        {
            yield return login;
        }
    }

    // The new value leads to where the login was answered: to the old home, where that node had not heard of the move yet.
    private static IEnumerable<LearnedGap> LoginsAtOldHomes(RunHistory history, IReadOnlyList<Attempt> requests)
    {
        Attempt[] logins = [.. requests.Where(a => a is { Succeeded: true, Use: RequestUse.Login })];
        Attempt[] answered = [.. requests.Where(a => a is { Succeeded: true, Backend: not null })];
        foreach ((Attempt before, Attempt mover) in answered.Zip(answered.Skip(1)))
        {
            if (before.Backend == mover.Backend || !history.Faults.Any(f => f.Backends.Contains(before.Backend!) && f.Touches(mover)))
            {
                continue;
            }

            foreach (Attempt login in logins.Where(l => l.Overlaps(mover.Sent, mover.Ended + HearSeconds)))
            {
                yield return new LearnedGap("not-heard", Math.Min(mover.Sent, login.Sent), Math.Max(mover.Ended, login.Ended));
            }
        }
    }

    /// <summary>Name of the pool that learns.</summary>
    public const string LearnedPool = "learn";
}

/// <param name="Rule">
/// not-on-disk: all nodes died before any had written it. not-told: nodes were cut off from each other when it was learned, or had all started anew and were not one cluster yet. not-heard: its old
/// server answered a login while its move was being told.
/// </param>
/// <param name="From">Seconds since the run began.</param>
public sealed record LearnedGap(string Rule, double From, double Until);

using System.Collections.Immutable;
using ActorLb.Chaos.History;

namespace ActorLb.Chaos.Checking;

/// <summary>Where every session of a history lived, one after the other, and why it moved.</summary>
public sealed class SessionWalks
{
    /// <summary>How long after the network healed sides may still differ.</summary>
    public const double SidesAgreeSeconds = 2;

    /// <summary>How long a node that goes on takes for what has waited for it, in seconds.</summary>
    private const double UnseenSeconds = 1;

    private readonly RunHistory _history;
    private readonly Dictionary<string, List<Attempt>> _requests = [];
    private readonly Dictionary<string, LearnedGap[]> _gaps = [];

    public SessionWalks(RunHistory history)
    {
        _history = history;
        foreach (Attempt attempt in history.Attempts)
        {
            if (attempt is { Client: ClientKind.Browser, Session: { } session })
            {
                if (!_requests.TryGetValue(session, out List<Attempt>? list))
                {
                    _requests.Add(session, list = []);
                }

                list.Add(attempt);
            }
        }

        foreach ((string session, List<Attempt> requests) in _requests.Where(r => r.Value[0].Pool == LearnedGaps.LearnedPool))
        {
            _gaps[session] = [.. LearnedGaps.Of(history, requests)];
        }

        Moves = [.. _requests.OrderBy(r => r.Key, StringComparer.Ordinal).SelectMany(r => Walk(r.Key, r.Value))];
        MovesBySession = Moves.ToLookup(m => m.Session);
    }

    public ImmutableArray<Move> Moves { get; }

    public ILookup<string, Move> MovesBySession { get; }

    public IReadOnlyCollection<string> Sessions => _requests.Keys;

    /// <returns>The gap in which a request of a learned session was under way, so that any backend may have answered; null for none.</returns>
    public LearnedGap? GapOf(Attempt attempt) => attempt.Session is { } session && _gaps.TryGetValue(session, out LearnedGap[]? gaps)
        ? gaps.FirstOrDefault(g => attempt.Overlaps(g.From, g.Until))
        : null;

    /// <summary>In the order in which they were sent.</summary>
    public IReadOnlyList<Attempt> RequestsOf(string session) => _requests.TryGetValue(session, out List<Attempt>? list) ? list : [];

    /// <summary>
    /// Where the session may have lived when this was sent: where it was answered last, and where requests found it that
    /// were under way then, for one of them may have moved it. None before its first answer.
    /// </summary>
    public IEnumerable<string> HomesAt(string session, double at)
    {
        string? home = null;
        var moving = new List<string>();
        foreach (Attempt attempt in RequestsOf(session).TakeWhile(a => a.Sent <= at))
        {
            if (attempt is not { Succeeded: true, Backend: { } backend })
            {
                continue;
            }

            if (attempt.Ended <= at)
            {
                home = backend;
            }
            else
            {
                moving.Add(backend);
            }
        }

        return home is null ? moving : [home, .. moving];
    }

    private IEnumerable<Move> Walk(string session, List<Attempt> requests)
    {
        string? home = null;
        double seenAt = 0;
        var leftAt = new Dictionary<string, double>();
        Move? lastGood = null;
        foreach (Attempt attempt in requests)
        {
            if (attempt is not { Succeeded: true, Backend: { } backend })
            {
                continue;
            }

            // Where it lives is known again when the gap is over.
            if (GapOf(attempt) is not null)
            {
                home = null;
                leftAt.Clear();
                lastGood = null;
                continue;
            }

            if (backend == home)
            {
                seenAt = attempt.Sent;
                continue;
            }

            // Sent before anybody had an answer from the new home: it may still have been at the old one.
            if (leftAt.TryGetValue(backend, out double left) && attempt.Sent <= left)
            {
                continue;
            }

            if (home is not null)
            {
                Move move = Judge(session, home, seenAt, attempt, leftAt.ContainsKey(backend), lastGood);
                lastGood = move.Why == MoveReason.HomeGone ? move : lastGood;
                leftAt[home] = attempt.Ended;
                yield return move;
            }

            home = backend;
            seenAt = attempt.Sent;
        }
    }

    private Move Judge(string session, string home, double seenAt, Attempt attempt, bool livedThere, Move? lastGood)
    {
        // Who is moved without having asked shows it when it asks again, which may be long after.
        FaultSpan? cause = _history.Faults.LastOrDefault(f =>
            f.Backends.Contains(home) && (f.Touches(attempt) || MayHaveBeenMovedUnseen(session, seenAt, attempt, f) || (f.Kind.MovesTheSilent() && attempt.Overlaps(f.At, double.PositiveInfinity) && f.Until >= seenAt)));
        MoveReason why =
            cause is not null ? MoveReason.HomeGone
            : lastGood is not null && SplitSince(lastGood.Attempt.Sent, attempt) is not null ? MoveReason.OtherSide
            : livedThere ? MoveReason.WentBack
            : lastGood?.Fault is { } before && before.Touches(attempt) ? MoveReason.SecondHome
            : MoveReason.Strayed;
        return new Move(session, home, attempt.Backend!, attempt, why, cause ?? lastGood?.Fault);
    }

    // What a client gave up may have moved its session all the same, and may be served later by a node that was frozen meanwhile.
    private bool MayHaveBeenMovedUnseen(string session, double seenAt, Attempt attempt, FaultSpan fault) => RequestsOf(session).Any(given =>
        given.End is AttemptEnd.TimedOut or AttemptEnd.Abandoned or AttemptEnd.Broken
        && given.Sent <= attempt.Sent && given.Ended >= seenAt - given.Took
        && (fault.Touches(given) || MayBeServedLate(given, fault)));

    private bool MayBeServedLate(Attempt given, FaultSpan fault) => _history.Faults.SelectMany(f => f.Away).Any(a =>
        !a.Gracefully && a.Meets(given.Node, given.Sent, given.Ended)
        && fault.At <= (a.Until ?? double.PositiveInfinity) + UnseenSeconds && fault.Until >= given.Sent);

    // A session that two sides moved has a home on each until they meet again, and a little longer.
    private FaultSpan? SplitSince(double moved, Attempt attempt) => _history.Faults.LastOrDefault(f =>
        f.Kind.Splits() && moved >= f.At && moved <= AgreedAt(f) && attempt.Overlaps(f.At, AgreedAt(f)));

    /// <summary>When the sides of a split must have agreed again, in seconds since the run began.</summary>
    public static double AgreedAt(FaultSpan split) => (split.OneClusterAt ?? split.Until) + SidesAgreeSeconds;
}

/// <summary>A session is answered by another backend than before.</summary>
/// <param name="Attempt">The first request that showed it.</param>
/// <param name="Fault">The fault that it is laid to, where there is one.</param>
public sealed record Move(string Session, string From, string To, Attempt Attempt, MoveReason Why, FaultSpan? Fault);

/// <summary>Why a session moved.</summary>
public enum MoveReason
{
    /// <summary>A fault had hit its backend.</summary>
    HomeGone,

    /// <summary>Its backend was gone, and another side of a partition had moved it elsewhere.</summary>
    OtherSide,

    /// <summary>Its backend was well.</summary>
    Strayed,

    /// <summary>It had just moved because of a fault, and moved again although its new backend was well.</summary>
    SecondHome,

    /// <summary>It returned to a backend that it had left.</summary>
    WentBack,
}

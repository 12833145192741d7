using ActorLb.Node.Dashboard;

namespace ActorLb.Node.Admin;

/// <summary>
/// What is wrong, worst first, with since when: of troubles that do not say it, since when events do, else since this node first saw them. Any thread.
/// </summary>
internal sealed class TroubleMemory(TroubleBeginnings? beginnings = null)
{
    public const int Max = 200;

    private readonly Lock _lock = new();

    // By subject.
    private readonly Dictionary<string, DateTimeOffset> _since = new(StringComparer.Ordinal);
    private HashSet<string> _told = [];

    /// <returns><see cref="Max"/> at most.</returns>
    public IReadOnlyList<Trouble> Look(StatusDocument status, GatheredFigures gathered, IReadOnlyDictionary<FigureSubject, FigureReading> figures)
    {
        lock (_lock)
        {
            return Told(status, gathered, figures);
        }
    }

    private Trouble[] Told(StatusDocument status, GatheredFigures gathered, IReadOnlyDictionary<FigureSubject, FigureReading> figures)
    {
        Trouble[] all =
        [
            .. NodeTroubles.Of(status, gathered)
                .Concat(CertificateTroubles.Of(status.Time, gathered))
                .Concat(Gone(status))
                .Concat(PoolTroubles.Of(status, gathered, figures, _told.Contains))
                .OrderBy(t => t.Severity == Trouble.Error ? 0 : t.Severity == Trouble.Warning ? 1 : 2)
                .ThenBy(t => RankOf(t, status))
                .Take(Max)
                .DistinctBy(t => t.Key),
        ];
        _told = [.. all.Select(t => t.Key), .. all.Select(SubjectOf)];
        foreach (string over in _since.Keys.Where(k => !_told.Contains(k)).ToArray())
        {
            _since.Remove(over);
        }

        return [.. all.Select(t => t.Since is null ? t with { Since = SinceOf(t, status) } : t)];
    }

    // Of the same severity, what clients feel comes first: the others serve for a node that is gone. Where this side may be cut off, all else may be but what it sees of that.
    private static int RankOf(Trouble trouble, StatusDocument status) => trouble.Key.Split(':')[0] switch
    {
        "gone" when IsPerhapsCutOff(status) => 0,
        "nobody" => 1,
        "failing" or "failing-of" => 2,
        "expires" when trouble.Key.StartsWith("expires:listeners.", StringComparison.Ordinal) => 2,
        "down" => 3,
        _ => trouble.Pool is not null ? 4 : 5,
    };

    private static bool IsPerhapsCutOff(StatusDocument status) => status.Lost.Count > status.Members.Count;

    private DateTimeOffset SinceOf(Trouble trouble, StatusDocument status)
    {
        string subject = SubjectOf(trouble);
        DateTimeOffset seen = _since.TryGetValue(subject, out DateTimeOffset since) ? since : _since[subject] = status.Time;
        return beginnings?.Of(trouble, status.Node) is { } began && began < status.Time ? began : seen;
    }

    // A backend of which so much fails that it is its pool's trouble has failed before.
    private static string SubjectOf(Trouble trouble) =>
        trouble is { Backend: { } backend } && trouble.Key == $"failing:{trouble.Pool}" ? $"{trouble.Key}/{backend}" : trouble.Key;

    private static IEnumerable<Trouble> Gone(StatusDocument status) => status.Lost.Select(lost => new Trouble(
        $"gone:{lost.Name}", Trouble.Error, lost.Since, $"{lost.Name} is gone", IsPerhapsCutOff(status)
            ? "It fell silent without leaving. More nodes are gone than are left: it may be this side that is cut off, while the others serve."
            : "It fell silent without leaving: it was killed, or its machine or network failed.",
        $"Its sessions are known to the {Trouble.Counted(status.Members.Count, "node")} that {(status.Members.Count == 1 ? "is" : "are")} left; whoever is led to its address alone is not served. This is shown for half an hour, or until it is back.") { Node = lost.Name });
}

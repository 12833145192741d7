using ActorLb.Node.Dashboard;

namespace ActorLb.Node.Admin;

/// <summary>
/// What is wrong, worst first, with since when: of troubles that do not say it, since this node first saw them. Any thread.
/// </summary>
internal sealed class TroubleMemory
{
    public const int Max = 200;

    private readonly Lock _lock = new();
    private readonly Dictionary<string, DateTimeOffset> _since = new(StringComparer.Ordinal);

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
                .Concat(PoolTroubles.Of(status, gathered, figures, _since.ContainsKey))
                .OrderBy(t => t.Severity == Trouble.Error ? 0 : t.Severity == Trouble.Warning ? 1 : 2)
                .ThenBy(t => RankOf(t, status))
                .Take(Max)
                .DistinctBy(t => t.Key),
        ];
        HashSet<string> keys = [.. all.Select(t => t.Key)];
        foreach (string over in _since.Keys.Where(k => !keys.Contains(k)).ToArray())
        {
            _since.Remove(over);
        }

        return [.. all.Select(t => t.Since is null ? t with { Since = SinceOf(t.Key, status.Time) } : t)];
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

    private DateTimeOffset SinceOf(string key, DateTimeOffset now) => _since.TryGetValue(key, out DateTimeOffset since) ? since : _since[key] = now;

    private static IEnumerable<Trouble> Gone(StatusDocument status) => status.Lost.Select(lost => new Trouble(
        $"gone:{lost.Name}", Trouble.Error, lost.Since, $"{lost.Name} is gone", IsPerhapsCutOff(status)
            ? "It fell silent without leaving. More nodes are gone than are left: it may be this side that is cut off, while the others serve."
            : "It fell silent without leaving: it was killed, or its machine or network failed.",
        $"Its sessions are known to the {Trouble.Counted(status.Members.Count, "node")} that {(status.Members.Count == 1 ? "is" : "are")} left; whoever is led to its address alone is not served. This is shown for half an hour, or until it is back.") { Node = lost.Name });
}

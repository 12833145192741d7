using ActorLb.Node.Dashboard;

namespace ActorLb.Node.Admin;

/// <summary>
/// What is wrong, worst first, with since when: of troubles that do not say it, since this node first saw them. Knows nodes that died a while ago, also
/// where nobody looked then. Any thread.
/// </summary>
internal sealed class TroubleMemory
{
    public const int Max = 200;

    /// <summary>A node that died and did not come back is told so long.</summary>
    public static readonly TimeSpan GoneFor = TimeSpan.FromMinutes(30);

    private readonly Lock _lock = new();
    private readonly Dictionary<string, DateTimeOffset> _since = new(StringComparer.Ordinal);
    private readonly Dictionary<string, DateTimeOffset> _unreachable = new(StringComparer.Ordinal);

    /// <returns><see cref="Max"/> at most.</returns>
    public IReadOnlyList<Trouble> Look(StatusDocument status, GatheredFigures gathered, IReadOnlyDictionary<FigureSubject, FigureReading> figures)
    {
        Remember(status.Members.Select(m => (m.Name, m.Reachable)), status.Time);
        lock (_lock)
        {
            return Told(status, gathered, figures);
        }
    }

    /// <summary>Who is in the cluster now: to be said each second or so, whether anybody looks or not.</summary>
    public void Remember(IEnumerable<(string Node, bool Reachable)> members, DateTimeOffset now)
    {
        lock (_lock)
        {
            foreach ((string node, bool isReachable) in members)
            {
                if (isReachable)
                {
                    _unreachable.Remove(node);
                }
                else
                {
                    _unreachable.TryAdd(node, now);
                }
            }

            foreach (string old in _unreachable.Where(u => now - u.Value > GoneFor).Select(u => u.Key).ToArray())
            {
                _unreachable.Remove(old);
            }
        }
    }

    private Trouble[] Told(StatusDocument status, GatheredFigures gathered, IReadOnlyDictionary<FigureSubject, FigureReading> figures)
    {
        Trouble[] all =
        [
            .. NodeTroubles.Of(status, gathered)
                .Concat(Gone(status))
                .Concat(PoolTroubles.Of(status, gathered, figures, _since.ContainsKey))
                .OrderBy(t => t.Severity == Trouble.Error ? 0 : t.Severity == Trouble.Warning ? 1 : 2)
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

    private DateTimeOffset SinceOf(string key, DateTimeOffset now) => _since.TryGetValue(key, out DateTimeOffset since) ? since : _since[key] = now;

    // Whoever leaves says so; whoever was not heard any more and is no member now died.
    private IEnumerable<Trouble> Gone(StatusDocument status)
    {
        foreach ((string node, DateTimeOffset since) in _unreachable)
        {
            if (status.Members.All(m => m.Name != node))
            {
                yield return new Trouble(
                    $"gone:{node}", Trouble.Warning, since, $"{node} is gone", "It fell silent without leaving: it was killed, or its machine or network failed.",
                    $"The other nodes took over; {Trouble.Counted(status.Members.Count, "node")} {(status.Members.Count == 1 ? "is" : "are")} left. This is shown for half an hour, or until it is back.") { Node = node };
            }
        }
    }
}

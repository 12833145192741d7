using System.Collections.Immutable;

namespace ActorLb.Node.Dashboard;

/// <summary>
/// What happens at this node, of every subject, and what happened: each second for ten minutes, and each ten seconds for a day, of a backend for an hour. In memory
/// and bounded: the past of <see cref="BackendsMax"/> backends takes 14 MB, that of <see cref="OthersMax"/> routes and pools 33 MB, each once it had a request; what is
/// beyond has none, and is told of the present alone. Any thread; outlives a restart of the control plane.
/// </summary>
internal sealed class FigureRings
{
    public const int BackendsMax = 1024;

    /// <summary>Pools, and routes. The node, its listeners and what became of sessions are few, and beside them.</summary>
    public const int OthersMax = 256;

    public const int CoarseOfBackends = 360;

    public const int CoarseOfOthers = 8640;

    private readonly Lock _lock = new();
    private readonly Dictionary<FigureSubject, FigureSeries> _series = [];
    private readonly Dictionary<FigureSubject, FigureTotals> _seen = [];
    private int _keptBackends;
    private int _keptOthers;
    private long? _since;

    /// <summary>Bytes of the rings that there are.</summary>
    public long Bytes
    {
        get
        {
            lock (_lock)
            {
                return _series.Values.Sum(s => s.Bytes);
            }
        }
    }

    /// <summary>A second has passed. What is no more is forgotten.</summary>
    /// <param name="second">Since 1970.</param>
    public void Sample(long second, IEnumerable<(FigureSubject Subject, FigureTotals Totals)> counted)
    {
        lock (_lock)
        {
            _since ??= second;
            _seen.Clear();
            foreach ((FigureSubject subject, FigureTotals totals) in counted)
            {
                _seen[subject] = totals;
            }

            foreach (FigureSubject gone in _series.Keys.Where(s => !_seen.ContainsKey(s)).ToArray())
            {
                _series.Remove(gone, out FigureSeries? series);
                Count(gone, series!.HasRings ? -1 : 0);
            }

            foreach ((FigureSubject subject, FigureTotals totals) in _seen)
            {
                SeriesOf(subject).Sample(second, totals);
            }
        }
    }

    /// <summary>What happened in the last second and the last ten, of subjects of which anything did.</summary>
    public ImmutableArray<FigureReading> Now()
    {
        lock (_lock)
        {
            return [.. _series.Where(s => s.Value.Window is { } w && (w.Requests > 0 || w.Failures > 0)).Select(s => FigureReading.Of(s.Key, s.Value))];
        }
    }

    /// <summary>The last slots of one subject.</summary>
    /// <param name="seconds">Of a slot: 1 or 10.</param>
    /// <param name="last">The second in which the last one ends, since 1970.</param>
    public ImmutableArray<Figure> Slots(FigureSubject subject, int seconds, long last, int count)
    {
        lock (_lock)
        {
            return _series.GetValueOrDefault(subject)?.Ring(seconds) is { } ring
                ? [.. Enumerable.Range(0, count).Select(i => ring.At((last / ring.Seconds) - count + 1 + i))]
                : [];
        }
    }

    /// <summary>From which second on, since 1970, all that happened is in the slots of a subject: since the first look, and no longer ago than is kept.</summary>
    /// <param name="seconds">Of a slot: 1 or 10.</param>
    /// <param name="last">The second of now.</param>
    public long Since(FigureSubject subject, int seconds, long last)
    {
        (int length, int step) = seconds < FigureSeries.CoarseSeconds ? (FigureSeries.FineLength, 1)
            : (subject.Kind == SubjectKind.Backend ? CoarseOfBackends : CoarseOfOthers, FigureSeries.CoarseSeconds);
        lock (_lock)
        {
            return Math.Max(_since ?? last, ((last / step) - length + 1) * step);
        }
    }

    private FigureSeries SeriesOf(FigureSubject subject) => _series.TryGetValue(subject, out FigureSeries? known)
        ? known
        : _series[subject] = new FigureSeries(subject.Kind == SubjectKind.Backend ? CoarseOfBackends : CoarseOfOthers, () => TryKeep(subject));

    private bool TryKeep(FigureSubject subject)
    {
        bool hasRoom = subject.Kind switch
        {
            SubjectKind.Backend => _keptBackends < BackendsMax,
            SubjectKind.Route or SubjectKind.Pool => _keptOthers < OthersMax,
            _ => true,
        };
        Count(subject, hasRoom ? 1 : 0);
        return hasRoom;
    }

    private void Count(FigureSubject subject, int more)
    {
        switch (subject.Kind)
        {
            case SubjectKind.Backend:
                _keptBackends += more;
                break;
            case SubjectKind.Route or SubjectKind.Pool:
                _keptOthers += more;
                break;
        }
    }
}

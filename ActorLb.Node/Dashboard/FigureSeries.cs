using ActorLb.Engine.Measurements;

namespace ActorLb.Node.Dashboard;

/// <summary>What happened of one subject: in the last second, in the last ten, and, where there is room for them, in two rings. Used under its owner's lock.</summary>
/// <param name="coarseLength">Slots of ten seconds that are kept.</param>
/// <param name="mayKeep">There is room for its rings: asked when something happens and it has none.</param>
internal sealed class FigureSeries(int coarseLength, Func<bool> mayKeep)
{
    public const int FineLength = 600;

    public const int CoarseSeconds = FigureWindow.Seconds;

    // As they were counted a second ago; null: nobody looked yet.
    private long? _requests;
    private long _failures;
    private Histogram _latencies = Histogram.Empty;
    private long[] _reasons = [];

    // Made with the first request: most of a thousand backends that nobody asks cost nothing.
    private FigureWindow? _window;
    private FigureRing? _fine;
    private FigureRing? _coarse;

    public long Requests { get; private set; }

    public long Failures { get; private set; }

    public FigureWindow? Window => _window;

    public bool HasRings => _fine is not null;

    /// <summary>Bytes of its rings.</summary>
    public long Bytes => _fine is null ? 0 : (FineLength + coarseLength) * (long)FigureRing.BytesPerSlot;

    /// <param name="second">Since 1970.</param>
    /// <param name="totals">Fewer requests than before are those of a subject that was forgotten and came back.</param>
    public void Sample(long second, in FigureTotals totals)
    {
        bool isFirst = _requests is null;
        bool isAnew = _requests > totals.Requests;
        long before = isAnew ? 0 : _requests ?? totals.Requests;
        Failures = isFirst ? 0 : Math.Max(0, totals.Failures - (isAnew ? 0 : _failures));
        Requests = totals.Requests - before;
        (_requests, _failures) = (totals.Requests, totals.Failures);
        if (_window is null && (isFirst || (Requests == 0 && Failures == 0)))
        {
            Keep(totals);
            return;
        }

        _window ??= new FigureWindow();
        _window.Add(
            Requests, Failures, new FigureWindow.Counted(_latencies.Buckets, _reasons), new FigureWindow.Counted((totals.Latencies ?? Histogram.Empty).Buckets, totals.Reasons));
        Keep(totals);
        if (_fine is null)
        {
            if (!mayKeep())
            {
                return;
            }

            _fine = new FigureRing(FineLength, 1);
            _coarse = new FigureRing(coarseLength, CoarseSeconds);
        }

        var figure = new Figure(
            (uint)Math.Min(Requests, uint.MaxValue),
            (uint)Math.Min(Failures, uint.MaxValue),
            (Half)LatencyBounds.Quantile(_window.Latencies, 0.5),
            (Half)LatencyBounds.Quantile(_window.Latencies, 0.95),
            (Half)LatencyBounds.Quantile(_window.Latencies, 0.99));
        _fine.Add(second, figure);
        _coarse!.Add(second, figure);
    }

    /// <summary>The ring of that resolution; null: nothing happened yet.</summary>
    public FigureRing? Ring(int seconds) => seconds >= CoarseSeconds ? _coarse : _fine;

    private void Keep(in FigureTotals totals)
    {
        _latencies = totals.Latencies ?? _latencies;
        _reasons = totals.Reasons ?? [];
    }
}

using ActorLb.Engine.Measurements;

namespace ActorLb.Node.Dashboard;

/// <summary>What happened of one subject: in the last second, in the last ten, and in two rings. Used under its owner's lock.</summary>
/// <param name="coarseLength">Slots of ten seconds that are kept.</param>
internal sealed class FigureSeries(int coarseLength)
{
    public const int FineLength = 600;

    public const int CoarseSeconds = FigureWindow.Seconds;

    // As they were counted a second ago; null: nobody looked yet.
    private long? _requests;
    private long _failures;
    private Histogram _latencies = Histogram.Empty;

    // Made with the first request: most of a thousand backends that nobody asks cost nothing.
    private FigureWindow? _window;
    private FigureRing? _fine;
    private FigureRing? _coarse;

    public long Requests { get; private set; }

    public long Failures { get; private set; }

    public FigureWindow? Window => _window;

    /// <summary>Bytes of its rings.</summary>
    public long Bytes => _fine is null ? 0 : (FineLength + coarseLength) * (long)FigureRing.BytesPerSlot;

    /// <param name="second">Since 1970.</param>
    /// <param name="totals">Smaller ones than before are those of a subject that was forgotten and came back.</param>
    public void Sample(long second, in FigureTotals totals)
    {
        (long requests, long failures) = (_requests is { } r && r <= totals.Requests ? totals.Requests - r : _requests is null ? 0 : totals.Requests,
            _failures <= totals.Failures ? totals.Failures - _failures : totals.Failures);
        bool isFirst = _requests is null;
        (_requests, _failures) = (totals.Requests, totals.Failures);
        (Requests, Failures) = (requests, isFirst ? 0 : failures);
        if (_window is null && (isFirst || (Requests == 0 && Failures == 0)))
        {
            Keep(totals.Latencies);
            return;
        }

        _window ??= new FigureWindow();
        _window.Add(Requests, Failures, _latencies.Buckets, (totals.Latencies ?? Histogram.Empty).Buckets);
        Keep(totals.Latencies);
        _fine ??= new FigureRing(FineLength, 1);
        _coarse ??= new FigureRing(coarseLength, CoarseSeconds);
        var figure = new Figure(
            (uint)Math.Min(Requests, uint.MaxValue),
            (uint)Math.Min(Failures, uint.MaxValue),
            (Half)LatencyBounds.Quantile(_window.Latencies, 0.5),
            (Half)LatencyBounds.Quantile(_window.Latencies, 0.95),
            (Half)LatencyBounds.Quantile(_window.Latencies, 0.99));
        _fine.Add(second, figure);
        _coarse.Add(second, figure);
    }

    /// <summary>The ring of that resolution; null: nothing happened yet.</summary>
    public FigureRing? Ring(int seconds) => seconds >= CoarseSeconds ? _coarse : _fine;

    private void Keep(Histogram? latencies) => _latencies = latencies ?? _latencies;
}

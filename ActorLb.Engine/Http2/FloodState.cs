namespace ActorLb.Engine.Http2;

/// <summary>
/// Whether one connection's frames are still a conversation: those that carry nothing cost points, of which it has a stock that
/// fills again with time. What browsers and gRPC do stays far below; what fills a core or a log does not.
/// </summary>
/// <param name="Points">Those that are left.</param>
/// <param name="At">When they were counted, in milliseconds.</param>
internal readonly record struct FloodState(double Points, long At)
{
    /// <summary>500 streams cancelled at once, as a gallery does that somebody scrolls through.</summary>
    public const int PointsMax = 10_000;

    /// <summary>500 PINGs, or 100 cancelled streams, a second.</summary>
    public const int PointsPerSecond = 2000;

    private const int RequestGains = 2;
    private const int PingCosts = 4;
    private const int SettingsCost = 20;
    private const int ResetCosts = 20;
    private const int EmptyDataCosts = 10;
    private const int SmallContinuationCosts = 100;
    private const int ContinuationCosts = 20;
    private const int SmallContinuationBytes = 1024;
    private const int OtherCosts = 2;
    private const int UselessBytesPerPoint = 1024;

    /// <summary>Who takes answers has to say so: every 4 KiB, some clients.</summary>
    private const int TakenBytesPerPoint = 1024;

    public static FloodState Begin(long now) => new(PointsMax, now);

    /// <summary>The state after a frame, and what it cost.</summary>
    public (FloodState Next, FloodKind Kind) After(in FrameFacts frame, long now)
    {
        double points = Math.Min(PointsMax, Points + ((now - At) * PointsPerSecond / 1000.0));
        (int cost, FloodKind kind) = CostOf(frame);
        points = Math.Min(PointsMax, points - cost);
        return (new FloodState(points, now), points < 0 ? kind : FloodKind.None);
    }

    /// <summary>The same for bytes of answers that the client has taken since it was last asked: they buy updates of windows.</summary>
    public FloodState WithTaken(long bytes) => this with { Points = Math.Min(PointsMax, Points + (bytes / TakenBytesPerPoint)) };

    private static (int Cost, FloodKind Kind) CostOf(in FrameFacts frame) => frame.Type switch
    {
        FrameType.Data => (frame.DataLength <= 0 && !frame.EndsStream ? EmptyDataCosts : 0, FloodKind.EmptyData),
        FrameType.Headers => (-RequestGains, FloodKind.None),
        FrameType.Priority => (OtherCosts, FloodKind.Priorities),
        FrameType.ResetStream => (ResetCosts, FloodKind.Resets),
        FrameType.Settings => (frame.IsAck ? PingCosts : SettingsCost, FloodKind.Settings),
        FrameType.Ping => (PingCosts, FloodKind.Pings),

        // An increment of nothing is an error of the stream, which is reset by it (RFC 9113, 6.9).
        FrameType.WindowUpdate => (frame.Increment == 0 ? ResetCosts : 1, FloodKind.WindowUpdates),
        FrameType.Continuation => (frame.Length < SmallContinuationBytes ? SmallContinuationCosts : ContinuationCosts, FloodKind.Continuations),
        _ => (OtherCosts + (frame.Length / UselessBytesPerPoint), FloodKind.UnknownFrames),
    };
}

namespace ActorLb.Engine.Http2;

/// <summary>How many connections were ended because of floods, by kind. Any thread.</summary>
public sealed class FloodCounts
{
    private readonly long[] _counts = new long[(int)FloodKind.UnknownFrames + 1];

    /// <summary>All kinds with their names.</summary>
    public static readonly IReadOnlyList<(FloodKind Kind, string Name)> Kinds =
    [
        (FloodKind.Resets, "resets"),
        (FloodKind.Continuations, "continuations"),
        (FloodKind.Pings, "pings"),
        (FloodKind.Settings, "settings"),
        (FloodKind.EmptyData, "empty-data"),
        (FloodKind.Priorities, "priorities"),
        (FloodKind.WindowUpdates, "window-updates"),
        (FloodKind.UnknownFrames, "unknown-frames"),
    ];

    public long this[FloodKind kind] => Interlocked.Read(ref _counts[(int)kind]);

    internal void Count(FloodKind kind) => Interlocked.Increment(ref _counts[(int)kind]);
}

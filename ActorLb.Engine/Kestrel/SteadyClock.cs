namespace ActorLb.Engine.Kestrel;

/// <summary>The clock by which connections to backends grow old in all lanes: it never jumps.</summary>
internal static class SteadyClock
{
    /// <summary>Milliseconds.</summary>
    public static long Now(TimeProvider time) => (long)(time.GetTimestamp() * (1000.0 / time.TimestampFrequency));
}

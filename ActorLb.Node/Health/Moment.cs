namespace ActorLb.Node.Health;

/// <summary>Now by both clocks: one to show, and one that never jumps, to compare with.</summary>
internal readonly record struct Moment(DateTimeOffset Now, TimeSpan Steady)
{
    public static Moment Of(TimeProvider time) => new(time.GetUtcNow(), time.GetElapsedTime(0));
}

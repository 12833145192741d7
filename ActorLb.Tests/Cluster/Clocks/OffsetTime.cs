namespace ActorLb.Tests.Cluster.Clocks;

/// <summary>The system's clock, set wrong; its monotonic clock is right.</summary>
internal sealed class OffsetTime(TimeSpan ahead) : TimeProvider
{
    public TimeSpan Ahead { get; set; } = ahead;

    public override DateTimeOffset GetUtcNow() => base.GetUtcNow() + Ahead;
}

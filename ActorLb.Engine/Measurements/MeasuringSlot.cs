namespace ActorLb.Engine.Measurements;

/// <summary>Who counts: each event loop has a slot of its own, and all other threads share those of the processors that they run on.</summary>
/// <param name="IsShared">Several threads may count there at once.</param>
internal readonly record struct MeasuringSlot(int Number, bool IsShared)
{
    /// <summary>That of the processor that this thread runs on.</summary>
    public static MeasuringSlot Here => new(Thread.GetCurrentProcessorId() % Environment.ProcessorCount, IsShared: true);
}

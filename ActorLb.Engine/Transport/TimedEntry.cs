namespace ActorLb.Engine.Transport;

/// <summary>Something that is told when its time is over. Belongs to one loop; changed by its <see cref="TimerWheel"/> only.</summary>
internal abstract class TimedEntry
{
    internal TimedEntry? Previous { get; set; }

    internal TimedEntry? Next { get; set; }

    /// <summary>The wheel's tick at which it is looked at next; negative: it is in no wheel.</summary>
    internal long Tick { get; set; } = -1;

    /// <summary>Milliseconds of the loop's clock; <see cref="TimerWheel.Never"/> where nothing is due.</summary>
    internal long DueAt { get; set; } = TimerWheel.Never;

    protected internal abstract void OnDue();

    /// <summary>Something threw while dealing with this: whatever it belongs to ends, and nothing else does.</summary>
    protected internal abstract void OnFault();
}

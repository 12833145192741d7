namespace ActorLb.Node.Cluster.Clocks;

/// <summary>What does your clock show? Answered by <see cref="ClockTold"/>.</summary>
/// <param name="Asked">The asker's monotonic clock, milliseconds; means nothing to others.</param>
internal sealed record AskClock(long Asked);

/// <param name="Asked">As it was in the question.</param>
/// <param name="Wall">The clock of the node that answers, milliseconds since 1970, as its system has it.</param>
internal sealed record ClockTold(long Asked, long Wall);

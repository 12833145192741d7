namespace ActorLb.Engine.Health;

/// <summary>What a backend said to a probe.</summary>
/// <param name="Status">0 where there is a fault before it.</param>
/// <param name="Location">Where a redirect leads, cut to what a log may hold; else empty.</param>
/// <param name="HoldsText">The text that was asked for is in the body's beginning; also where none was asked for.</param>
/// <param name="Fault">Why this is no answer; null where it is one.</param>
public readonly record struct ProbeAnswer(int Status, string Location, bool HoldsText, string? Fault);

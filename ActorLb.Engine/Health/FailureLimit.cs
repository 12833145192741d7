namespace ActorLb.Engine.Health;

/// <summary>How many failures within which time are too many.</summary>
/// <param name="Failures">At least 1.</param>
/// <param name="Window">In the units of timestamps.</param>
internal readonly record struct FailureLimit(int Failures, long Window);

namespace ActorLb.Node.Events;

/// <summary>An operator's decision, by the time that the nodes agree on.</summary>
/// <param name="Who">Asked for it, in words for people; null: that is not known.</param>
public readonly record struct DecisionTaken(DateTimeOffset At, string? Who);

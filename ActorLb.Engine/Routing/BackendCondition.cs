using ActorLb.Shared.Backends;
using ActorLb.Shared.Messages;

namespace ActorLb.Engine.Routing;

/// <summary>What is known of one backend beside its settings.</summary>
/// <param name="DrainOver">The drain's deadline has passed.</param>
/// <param name="SlowStartShare">0 to 1: the share of its weight that it takes now; 1 outside slow start.</param>
/// <param name="CircuitOpen">This node failed to reach it just now, whatever the verdict says, and ejects it.</param>
public readonly record struct BackendCondition(
    BackendHealth Health,
    DateTimeOffset Since,
    OperatorState Operator,
    DateTimeOffset? DrainDeadline,
    bool DrainOver,
    double SlowStartShare,
    bool CircuitOpen = false)
{
    /// <summary>What a probe that failed said; null or empty where none did.</summary>
    public string? WhyDown { get; init; }

    /// <summary>The operator's, where there is one.</summary>
    public OperatorDecision? Decision { get; init; }
}

using ActorLb.Shared.Backends;

namespace ActorLb.Node.Operator;

/// <summary>Does the node go by this decision, or a later one, and have it on its disk? From the node that took it to every node's OperatorActor.</summary>
internal sealed record AskKept(BackendName Backend, long Version);

/// <param name="Node">Who answers.</param>
/// <param name="IsKnown">It holds at this node.</param>
/// <param name="IsOnDisk">It does so after a restart, too.</param>
/// <param name="IsInForce">What the node sends from now on goes by it; also where it has no such backend.</param>
internal sealed record DecisionKept(string Node, bool IsKnown, bool IsOnDisk, bool IsInForce);

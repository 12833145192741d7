using System.Collections.Immutable;

namespace ActorLb.Node.Operator;

/// <summary>What the nodes are asked to confirm.</summary>
/// <param name="Actor">The name under /user of the actor that is asked at each node.</param>
/// <param name="Question">Answered by <see cref="DecisionKept"/>.</param>
/// <param name="What">For the log.</param>
internal sealed record Confirmed(string Actor, object Question, string What);

/// <summary>What the nodes have said when there was nothing more to wait for, or no more time.</summary>
/// <param name="ByMajority">A majority has it on disk.</param>
/// <param name="NotOnDisk">Nodes at which it holds, but would not after a restart.</param>
/// <param name="NotInForce">Members that have not said that they go by it.</param>
internal sealed record Confirmation(bool ByMajority, ImmutableArray<string> NotOnDisk, ImmutableArray<string> NotInForce);

using System.Collections.Immutable;
using ActorLb.Shared.Messages;
using Akka.Actor;

namespace ActorLb.Node.Operator;

/// <summary>What the nodes are asked to confirm.</summary>
/// <param name="At">Who is asked at the node with an address.</param>
/// <param name="Own">Who is asked at this node.</param>
/// <param name="Question">Answered by <see cref="DecisionKept"/>.</param>
/// <param name="Unknown">
/// Whoever answers that it does not know the decision is told this, once; null where the question says it all. Distributed data
/// reaches a node that joins only when it is up and some round of gossip later, and that node serves already.
/// </param>
/// <param name="Lost">Nodes that are no members any more and may serve all the same: they count where a majority is wanted, and nobody waits for them.</param>
/// <param name="What">For the log.</param>
internal sealed record Confirmed(Func<Address, ActorSelection> At, IActorRef Own, object Question, object? Unknown, ImmutableArray<LostNode> Lost, string What);

/// <summary>What the nodes have said when there was nothing more to wait for, or no more time.</summary>
/// <param name="ByMajority">A majority has it on disk.</param>
/// <param name="NotOnDisk">Nodes at which it holds, but would not after a restart.</param>
/// <param name="NotInForce">Members that have not said that they go by it.</param>
internal sealed record Confirmation(bool ByMajority, ImmutableArray<string> NotOnDisk, ImmutableArray<string> NotInForce);

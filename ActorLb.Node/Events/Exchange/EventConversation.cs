using System.Collections.Immutable;

namespace ActorLb.Node.Events.Exchange;

/// <summary>Noted at a node just now, to the EventsActor of all others.</summary>
/// <param name="Previous">The position of the event of that node before the first of these: who has not seen that one has missed some, and asks.</param>
/// <param name="Events">The node's own, in its order, each as JSON.</param>
internal sealed record EventsTold(string Node, long Previous, ImmutableArray<ReadOnlyMemory<byte>> Events);

/// <summary>What do you know, of all nodes, that I have not seen? Answered by <see cref="EventsGiven"/>.</summary>
internal sealed record AskEvents(string Node, EventPositions Seen);

/// <param name="Events">Of each node in its order.</param>
/// <param name="HasMore">There were more than go into a message: whoever asked may ask again.</param>
internal sealed record EventsGiven(string Node, ImmutableArray<ReadOnlyMemory<byte>> Events, bool HasMore);

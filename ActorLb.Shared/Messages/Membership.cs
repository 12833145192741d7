using System.Collections.Immutable;

namespace ActorLb.Shared.Messages;

/// <summary>One balancer node as this node sees it.</summary>
/// <param name="Address">Akka's address, akka.tcp://actorlb@host:port.</param>
/// <param name="Status">joining, up, leaving, exiting, down or removed.</param>
public sealed record NodeMember(string Name, string Address, string Status, bool Reachable)
{
    /// <summary>
    /// It serves or has requests open, or may: one that joins is up in its own eyes, and opens its listeners, up to a round of gossip
    /// before the others hear of it.
    /// </summary>
    public bool MayServe => Status is "joining" or "up" or "leaving";
}

/// <summary>A node that died, or was cut off: it fell silent, was taken out of the cluster and has not come back.</summary>
/// <param name="Since">When it fell silent.</param>
public sealed record LostNode(string Name, DateTimeOffset Since);

/// <summary>Who is in the cluster now. Within a node, from MembershipActor.</summary>
/// <param name="Self">This node's name.</param>
/// <param name="Members">Oldest first.</param>
public sealed record MembershipChanged(string Self, ImmutableArray<NodeMember> Members)
{
    /// <summary>
    /// Who was lost lately and may serve all the same, the longest gone first: that a node was taken out says that the others do not hear it, and no
    /// more.
    /// </summary>
    public ImmutableArray<LostNode> Lost { get; init; } = [];

    /// <summary>Names of the nodes that are up and reachable, this one included once it is up.</summary>
    public ImmutableArray<string> Active { get; } =
        [.. Members.Where(m => m is { Status: "up", Reachable: true }).Select(m => m.Name)];
}

/// <summary>Who is in now? Answered by the last <see cref="MembershipChanged"/>. Within a node, to MembershipActor.</summary>
public sealed record GetMembership
{
    public static GetMembership Instance { get; } = new();
}

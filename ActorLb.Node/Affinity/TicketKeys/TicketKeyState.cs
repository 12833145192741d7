using ActorLb.Shared.Sessions;

namespace ActorLb.Node.Affinity.TicketKeys;

/// <summary>What a member that is not ready yet does next about the ticket keys.</summary>
internal enum TicketKeyStep
{
    /// <summary>The cluster's keys are in hand and nothing has to be told.</summary>
    Ready,

    /// <summary>All members are to have these keys, then this one is ready.</summary>
    Share,

    /// <summary>The same, but a running cluster gets a new first signer: it is ready when all have heard of it.</summary>
    ShareAndSettle,

    /// <summary>Somebody older makes the key, or somebody did not answer.</summary>
    Retry,
}

/// <summary>
/// How a node comes to the ticket keys: from its disk, from the cluster, or, where nobody has any, from the oldest
/// member. Pure; TicketKeyActor keeps it.
/// </summary>
internal sealed record TicketKeyState(TicketKeyRing Ring)
{
    /// <summary>All members answered. An empty ring means that none of them has a key.</summary>
    public (TicketKeyState Next, TicketKeyStep Step) Answered(TicketKeyRing cluster, bool isOldest, Func<TicketKey> create)
    {
        TicketKeyRing merged = Ring.Merge(cluster);
        if (merged.IsEmpty)
        {
            return isOldest ? (Making(create), TicketKeyStep.Share) : (this, TicketKeyStep.Retry);
        }

        TicketKeyStep step = merged.Equals(cluster) ? TicketKeyStep.Ready
            : cluster.IsEmpty || cluster.Keys.Contains(merged.Keys[0]) ? TicketKeyStep.Share
            : TicketKeyStep.ShareAndSettle;
        return (new TicketKeyState(merged), step);
    }

    /// <summary>Nobody answered for too long: go on with what there is, or with an own key that is merged later.</summary>
    public (TicketKeyState Next, TicketKeyStep Step) Alone(Func<TicketKey> create) =>
        (Ring.IsEmpty ? Making(create) : this, TicketKeyStep.Share);

    /// <summary>Keys that the cluster has now.</summary>
    public TicketKeyState Heard(TicketKeyRing cluster) =>
        Ring.Merge(cluster) is var merged && merged.Equals(Ring) ? this : new TicketKeyState(merged);

    private static TicketKeyState Making(Func<TicketKey> create) => new(TicketKeyRing.Of([create()]));
}

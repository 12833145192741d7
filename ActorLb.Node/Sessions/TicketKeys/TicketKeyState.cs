using ActorLb.Shared.Sessions;

namespace ActorLb.Node.Sessions.TicketKeys;

/// <summary>
/// The ring that one node verifies with and signs from, and whether it is the cluster's. Pure; TicketKeyActor keeps it.
/// </summary>
/// <param name="Settled">The ring is the cluster's, with what this node brought. Until then it is this node's own.</param>
/// <param name="InUse">This process signs with it. A ring that was only read from disk says itself when its keys last signed.</param>
internal sealed record TicketKeyState(TicketKeyRing Ring, bool Settled, bool InUse)
{
    public static readonly TicketKeyState Empty = new(TicketKeyRing.Empty, false, false);

    /// <summary>What was kept, on disk or in the data plane, without what retired meanwhile. Keys of the first version, which say nothing, count from now.</summary>
    /// <param name="ending">By which keys retire; behind now while the time was just set forward.</param>
    public static TicketKeyState Of(TicketKeyRing kept, bool inUse, long now, TicketKeyTimes times, long? ending = null)
    {
        TicketKeyRing dated = kept.Entries.Where(e => e.SignedAt == 0).Aggregate(kept, (ring, e) => ring.Signed(e.Key, now));
        return new TicketKeyState(dated.Cut((ending ?? now) - times.Retirement), false, inUse);
    }

    /// <summary>
    /// A ring of the cluster. The first one that is heard takes the place of the own one, whose keys verify from now on
    /// and sign only by a hand-over: a node that comes in never changes at once who signs.
    /// </summary>
    public TicketKeyState Heard(TicketKeyRing cluster, long now, TicketKeyTimes times)
    {
        if (cluster.IsEmpty)
        {
            return this;
        }

        TicketKeyRing heard = Settled ? Ring.Merge(cluster) : cluster.Admit(Ring);
        return new TicketKeyState(Handed(heard, now, times), true, true);
    }

    /// <summary>Keys that another node brings from elsewhere. Only for a settled one.</summary>
    public TicketKeyState Brought(TicketKeyRing joiner, long now, TicketKeyTimes times) =>
        this with { Ring = Handed(Ring.Admit(joiner), now, times) };

    /// <summary>Nobody has keys, and this is the oldest member: its ring is the cluster's.</summary>
    public TicketKeyState Found(Func<TicketKey> create, long now) => Apart(create, now) with { Settled = true };

    /// <summary>Nobody answered for too long: go on with what there is, or with an own key until the cluster's is heard.</summary>
    public TicketKeyState Apart(Func<TicketKey> create, long now) =>
        this with { Ring = Ring.IsEmpty ? Ring.Signing(create(), now) : Ring, InUse = true };

    /// <summary>A step of the rotation that this node leads.</summary>
    public TicketKeyState With(TicketKeyRing next, long now, TicketKeyTimes times) => this with { Ring = Handed(next, now, times) };

    // Whoever stops signing with a key says so if the ring does not: from then on the key's retirement counts.
    private TicketKeyRing Handed(TicketKeyRing next, long now, TicketKeyTimes times) =>
        InUse
        && Ring.Signer is { } before
        && next.Signer is { } after
        && !before.Key.Equals(after.Key)
        && Math.Max(before.SignedAt, next.Find(before.Key.Fingerprint)?.SignedAt ?? 0) + times.Refresh < now
            ? WithBefore(next, before, now)
            : next;

    private static TicketKeyRing WithBefore(TicketKeyRing next, TicketKeyEntry before, long now) =>
        next.Merge(TicketKeyRing.Of([before with { Signs = false, SignedAt = now }], 0));
}

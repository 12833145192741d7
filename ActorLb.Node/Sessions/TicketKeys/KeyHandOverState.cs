using System.Collections.Immutable;
using ActorLb.Shared.Messages;
using ActorLb.Shared.Sessions;

namespace ActorLb.Node.Sessions.TicketKeys;

/// <summary>A member as the one that leads the rotation sees it.</summary>
/// <param name="Uid">Akka's number of this life of the member.</param>
internal readonly record struct KeyHolder(long Uid, string Node, bool Reachable);

/// <summary>A life of a node that ended without leaving, and when it was removed.</summary>
internal readonly record struct LostHolder(long Uid, long At);

/// <summary>
/// What the oldest member knows of the others' keys, and what it does next with the ring: a key signs when all hold it.
/// Everything that must outlive the leader is in the ring; this is asked for anew by the next one. Pure.
/// </summary>
internal sealed record KeyHandOverState(
    ImmutableDictionary<long, TicketKeysHeld> Held, ImmutableDictionary<string, LostHolder> Lost)
{
    public static readonly KeyHandOverState Empty = new(
        ImmutableDictionary<long, TicketKeysHeld>.Empty, ImmutableDictionary<string, LostHolder>.Empty);

    public KeyHandOverState Answered(TicketKeysHeld held) => this with { Held = Held.SetItem(held.Uid, held) };

    /// <summary>A member was removed without having left: the other side of a partition, or a dead node.</summary>
    public KeyHandOverState Gone(KeyHolder member, long now) =>
        this with { Lost = Lost.SetItem(member.Node, new LostHolder(member.Uid, now)) };

    /// <summary>The operator says that they do not come back.</summary>
    public KeyHandOverState Without(IEnumerable<string> nodes) => this with { Lost = Lost.RemoveRange(nodes) };

    /// <summary>Only what still matters: members of now, and those who were lost and have not come back.</summary>
    public KeyHandOverState Among(ImmutableArray<KeyHolder> members, long now, TicketKeyTimes times) => this with
    {
        Held = Held.RemoveRange(Held.Keys.Except(members.Select(m => m.Uid))),
        Lost = Lost.RemoveRange(Lost
            .Where(l => l.Value.At + times.Retirement < now || members.Any(m => m.Node == l.Key && m.Uid != l.Value.Uid))
            .Select(l => l.Key)),
    };

    /// <summary>The ring after the next step; the same where there is nothing to do.</summary>
    /// <param name="ending">By which keys retire; behind now while the time was just set forward.</param>
    public TicketKeyRing Next(TicketKeyRing ring, ImmutableArray<KeyHolder> members, long now, TicketKeyTimes times, long? ending = null)
    {
        if (ring.Signer is not { } signer)
        {
            return ring;
        }

        // Nodes of the first version sign with the oldest: what all sign with already may be agreed on.
        if (!signer.Signs)
        {
            return ring.Signing(signer.Key, now);
        }

        if (ring.Pending is { } pending && WaitsFor(pending.Key, members, times).IsEmpty)
        {
            return ring.Signed(signer.Key, now).Signing(pending.Key, now);
        }

        if (signer.SignedAt + times.Refresh <= now)
        {
            ring = ring.Signed(signer.Key, now);
        }

        foreach (TicketKeyEntry unknown in ring.Entries.Where(e => e.SignedAt == 0))
        {
            ring = ring.Signed(unknown.Key, now);
        }

        return ring.Cut((ending ?? now) - times.Retirement);
    }

    /// <summary>Who must hold the key before it signs and does not, as far as is known.</summary>
    public ImmutableArray<KeyWait> WaitsFor(TicketKey key, ImmutableArray<KeyHolder> members, TicketKeyTimes times) =>
    [
        .. members.Select(m => (Member: m, Held: Held.GetValueOrDefault(m.Uid)))
            .Where(m => m.Held is not { Kept: true } held || !held.Keys.Contains(key.Fingerprint))
            .Select(m => Wait(m.Member, m.Held?.Keys.Contains(key.Fingerprint) == true ? KeyWaitReason.NotKept : KeyWaitReason.NoAnswer)),
        .. Lost.OrderBy(l => l.Key, StringComparer.Ordinal).Select(l => new KeyWait(l.Key, KeyWaitReason.Lost, l.Value.At + times.Retirement)),
    ];

    /// <summary>Members that can be reached and have not said that they sign as the ring says.</summary>
    public ImmutableArray<KeyWait> NotSwitched(TicketKeyRing ring, ImmutableArray<KeyHolder> members) =>
    [
        .. members.Where(m => m.Reachable && Held.GetValueOrDefault(m.Uid)?.Signer != ring.Signer?.Key.Fingerprint)
            .Select(m => Wait(m, KeyWaitReason.NoAnswer)),
    ];

    /// <summary>Members that are to be told the ring, again or for the first time.</summary>
    public IEnumerable<KeyHolder> Unaware(TicketKeyRing ring, ImmutableArray<KeyHolder> members) => members.Where(m =>
        Held.GetValueOrDefault(m.Uid) is not { } held
        || !held.Kept
        || held.Signer != ring.Signer?.Key.Fingerprint
        || ring.Keys.Any(k => !held.Keys.Contains(k.Fingerprint)));

    private static KeyWait Wait(KeyHolder member, KeyWaitReason reason) =>
        new(member.Node, member.Reachable ? reason : KeyWaitReason.Unreachable, 0);
}

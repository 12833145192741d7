using System.Collections.Immutable;
using ActorLb.Shared.Messages;
using ActorLb.Shared.Sessions;

namespace ActorLb.Node.Sessions.TicketKeys;

/// <summary>Says what there is without saying the secrets.</summary>
internal static class KeyReporting
{
    /// <param name="handOver">Null at a member that does not lead: who is waited for is not known there.</param>
    public static TicketKeyReport Of(
        TicketKeyRing ring, KeyHandOverState? handOver, ImmutableArray<KeyHolder> members, long now, TicketKeyTimes times)
    {
        ImmutableArray<ReportedKey> keys = [.. ring.Entries.Select(e => Describe(ring, e, now, times))];
        if (ring.Pending is { } pending)
        {
            return new TicketKeyReport(keys, RotationPhase.Spreading, pending.Key.Id, handOver?.WaitsFor(pending.Key, members, times) ?? []);
        }

        return ring.Signer is { } signer && handOver?.NotSwitched(ring, members) is { IsEmpty: false } behind
            ? new TicketKeyReport(keys, RotationPhase.Switching, signer.Key.Id, behind)
            : new TicketKeyReport(keys, RotationPhase.None, 0, []);
    }

    private static ReportedKey Describe(TicketKeyRing ring, TicketKeyEntry entry, long now, TicketKeyTimes times)
    {
        if (entry.Equals(ring.Signer))
        {
            return new ReportedKey(entry.Key.Id, entry.Key.CreatedAt, TicketKeyUse.Signing, 0);
        }

        if (!ring.Signer!.Outranks(entry))
        {
            return new ReportedKey(entry.Key.Id, entry.Key.CreatedAt, TicketKeyUse.Spreading, 0);
        }

        long until = entry.SignedAt + times.Retirement;
        return new ReportedKey(
            entry.Key.Id,
            entry.Key.CreatedAt,
            entry.SignedAt == 0 || until >= now ? TicketKeyUse.Verifying : TicketKeyUse.Retired,
            entry.SignedAt == 0 ? 0 : until);
    }
}

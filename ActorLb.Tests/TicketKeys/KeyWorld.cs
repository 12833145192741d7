using System.Collections.Immutable;
using ActorLb.Node.Sessions.TicketKeys;
using ActorLb.Shared.Sessions;

namespace ActorLb.Tests.TicketKeys;

/// <summary>Keys, times and members for the tests of the shared ring.</summary>
internal static class KeyWorld
{
    /// <summary>Of an idle timeout of 30 minutes.</summary>
    public static readonly TicketKeyTimes Times = new(225_000, 3_000_000);

    public static TicketKey Key(byte fill, long createdAt) =>
        new([.. Enumerable.Repeat(fill, TicketKey.SecretBytes)], createdAt);

    public static ImmutableArray<KeyHolder> Members(params string[] names) =>
        [.. names.Select((n, i) => new KeyHolder(i + 1, n, true))];

    public static TicketKeysHeld Holds(long uid, TicketKeyRing ring, bool kept = true) =>
        TicketKeysHeld.Of(uid, kept, ring);
}

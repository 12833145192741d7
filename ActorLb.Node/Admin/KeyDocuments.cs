using ActorLb.Engine;
using ActorLb.Shared.Messages;
using ActorLb.Shared.Settings;

namespace ActorLb.Node.Admin;

/// <summary>What <c>GET /api/v1/keys</c> answers. No secret is in it.</summary>
internal sealed record KeysDocument(IReadOnlyList<KeysDocument.Key> Keys, KeysDocument.Progress Rotation)
{
    /// <param name="Id">Four hexadecimal digits, as a ticket shows them in its second and third byte.</param>
    /// <param name="Source">shared (made by the nodes) or configuration.</param>
    /// <param name="State">signing, verifying, spreading or retired.</param>
    /// <param name="VerifiesUntil">When it is dropped; only where that is decided.</param>
    /// <param name="Pools">Pools that accept its tickets.</param>
    public sealed record Key(
        string Id, string Source, DateTimeOffset? CreatedAt, string State, DateTimeOffset? VerifiesUntil, IReadOnlyList<string> Pools);

    /// <param name="State">none, spreading (nobody signs with the new key yet) or switching.</param>
    public sealed record Progress(string State, string? Key, IReadOnlyList<Wait> WaitsFor);

    /// <param name="Reason">no-answer, unreachable, lost or not-kept.</param>
    /// <param name="Until">When it is no longer waited for.</param>
    public sealed record Wait(string Node, string Reason, DateTimeOffset? Until);

    /// <param name="report">Null where no pool uses the shared keys.</param>
    public static KeysDocument Of(DataPlane plane, TicketKeyReport? report)
    {
        PoolSettings[] sticky = [.. plane.Topology.Pools.Values
            .Where(p => p.Affinity.HasTickets)
            .OrderBy(p => p.Name, StringComparer.Ordinal)];
        PoolSettings[] sharing = [.. sticky.Where(p => p.Affinity.UsesSharedKeys)];
        bool sharedSign = sharing.Any(p => p.Affinity.SharedKeysAt is null or 0);
        IEnumerable<Key> shared = (report?.Keys ?? []).Select(k => new Key(
            IdOf(k.Id),
            "shared",
            At(k.CreatedAt),
            k.Use == TicketKeyUse.Signing && !sharedSign ? "verifying" : Word(k.Use),
            At(k.VerifiesUntil),
            NamesOf(sharing)));
        IEnumerable<Key> configured = sticky
            .SelectMany(p => p.Affinity.Keys)
            .Distinct()
            .Select(k => new Key(
                IdOf(k.Id),
                "configuration",
                null,
                sticky.Any(p => p.Affinity.KeysWith(plane.Keys).Keys is [var first, ..] && first.Equals(k)) ? "signing" : "verifying",
                null,
                NamesOf(sticky.Where(p => p.Affinity.Keys.Contains(k)))));
        return new KeysDocument([.. shared, .. configured], ProgressOf(report));
    }

    internal static Progress ProgressOf(TicketKeyReport? report) =>
        report is null or { Rotation: RotationPhase.None }
            ? new Progress("none", null, [])
            : new Progress(
                report.Rotation == RotationPhase.Spreading ? "spreading" : "switching",
                IdOf(report.RotatesTo),
                [.. report.Waits.Select(w => new Wait(w.Node, Word(w.Reason), At(w.Until)))]);

    internal static string IdOf(ushort id) => id.ToString("x4", System.Globalization.CultureInfo.InvariantCulture);

    private static IReadOnlyList<string> NamesOf(IEnumerable<PoolSettings> pools) => [.. pools.Select(p => p.Name)];

    private static DateTimeOffset? At(long milliseconds) =>
        milliseconds == 0 ? null : DateTimeOffset.FromUnixTimeMilliseconds(milliseconds);

    private static string Word(TicketKeyUse use) => use switch
    {
        TicketKeyUse.Signing => "signing",
        TicketKeyUse.Spreading => "spreading",
        TicketKeyUse.Retired => "retired",
        _ => "verifying",
    };

    private static string Word(KeyWaitReason reason) => reason switch
    {
        KeyWaitReason.Unreachable => "unreachable",
        KeyWaitReason.Lost => "lost",
        KeyWaitReason.NotKept => "not-kept",
        _ => "no-answer",
    };
}

/// <summary>What <c>POST /api/v1/keys/rotate</c> answers.</summary>
/// <param name="Key">The new key's id.</param>
/// <param name="Confirmed">It signs on all nodes that can be reached. False: it spreads, and goes on by itself (202).</param>
/// <param name="Rotation">How far it is.</param>
internal sealed record RotationDocument(string Key, bool Confirmed, KeysDocument.Progress Rotation)
{
    public static RotationDocument Of(TicketKeysRotated rotated) => new(
        KeysDocument.IdOf(rotated.Key), rotated.Outcome == RotationOutcome.Signs, KeysDocument.ProgressOf(rotated.Report));
}

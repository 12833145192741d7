using ActorLb.Chaos.History;

namespace ActorLb.Chaos.Checking;

/// <summary>
/// How WebSockets and event streams may end that their clients did not close. In good order is a close frame with 1001; an event stream has
/// no such word, and just ends.
/// </summary>
public static class TunnelAllowances
{
    /// <summary>A kill is noted a moment after it took effect, in seconds.</summary>
    private const double KillSeconds = 0.1;

    /// <summary>From the end of a fault until what followed from it has reached clients: half of limits.tunnel-grace, and a little.</summary>
    private const double Settle = 3;

    /// <summary>RFC 6455, 7.4.1: an endpoint is going away.</summary>
    private const int GoingAway = 1001;

    public static IReadOnlyList<Allowance<Tunnel>> All { get; } =
    [
        new("node-away", (t, fault, _) => IsCut(t) && fault.Away.Any(w => !w.Gracefully && w.Meets(t.Node, t.Heard, t.Ended))),
        new("node-stops", (t, fault, _) => IsClosedByNode(t) && fault.Away.Any(w => w.Gracefully && w.Meets(t.Node, t.Heard, t.Ended))),
        new("backend-killed", (t, fault, _) => IsCut(t) && fault.Kind == FaultKind.KillBackend && fault.Backends.Contains(t.Backend)
            && t.EndedWithin(fault.At - KillSeconds, (fault.StruckAt ?? fault.At) + KillSeconds)),
        new("backend-hangs", (t, fault, _) => IsCut(t) && fault.Kind.Hangs() && fault.Backends.Contains(t.Backend)
            && (fault.CutFrom.IsEmpty || fault.CutFrom.Contains(t.Node)) && t.EndedWithin(fault.At - KillSeconds, fault.Until)),
        new("backend-left", (t, fault, _) => (IsClosedByNode(t) || IsClosedByServer(t)) && fault.Backends.Contains(t.Backend) && t.EndedWithin(fault.At, fault.Until + Settle)),
        new("other-side", (t, fault, walks) => IsClosedByNode(t) && fault.Kind.Splits() && t.EndedWithin(fault.At, SessionWalks.AgreedAt(fault) + Settle)
            && walks.RequestsOf(t.Session).Any(a => a is { Succeeded: true, Backend: { } home } && home != t.Backend && a.Ended >= t.Opened && a.Sent <= t.Ended + Settle)),
    ];

    /// <returns>The first that covers it; null: none does.</returns>
    public static string? NameOf(Tunnel tunnel, RunHistory history, SessionWalks walks) =>
        All.FirstOrDefault(r => history.Faults.Any(f => r.Covers(tunnel, f, walks)))?.Name;

    /// <summary>Those that ended as none may, and that an invariant is about: by what happened around them.</summary>
    public static IEnumerable<(double At, string What, string? Session)> Broken(RunHistory history, SessionWalks walks, int invariant) => history.Tunnels
        .Where(t => t.End is not (TunnelEnd.Left or TunnelEnd.Foreign) && NameOf(t, history, walks) is null && InvariantOf(t, history) == invariant)
        .Select(t => (t.Ended, $"ended although nothing accounts for it: {t}", (string?)t.Session));

    // Changes and quiet times: 11. Partitions: 6. Whatever else: 5.
    private static int InvariantOf(Tunnel tunnel, RunHistory history)
    {
        FaultKind[] around = [.. history.Faults.Where(f => tunnel.EndedWithin(f.At, f.Until + (f.Kind.IsChange() ? 0 : Settle))).Select(f => f.Kind)];
        return around.Any(k => k.Splits()) ? 6 : around.Any(k => !k.IsChange()) ? 5 : 11;
    }

    // Whoever was cut off from a server, or died, says nothing; what was on its way may come all the same.
    private static bool IsCut(Tunnel tunnel) => tunnel.End is TunnelEnd.Broken or TunnelEnd.Silent || IsClosedByNode(tunnel) || IsClosedByServer(tunnel);

    // An answer that is not whole must not look whole.
    private static bool IsClosedByNode(Tunnel tunnel) => tunnel.Kind == TunnelKind.EventStream
        ? tunnel.End == TunnelEnd.Broken
        : tunnel is { End: TunnelEnd.Closed, Code: GoingAway };

    private static bool IsClosedByServer(Tunnel tunnel) => tunnel.End == TunnelEnd.Closed && (tunnel.Kind == TunnelKind.EventStream || tunnel.Code == GoingAway);
}

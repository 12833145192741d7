using ActorLb.Shared.Settings;

namespace ActorLb.Engine.Routing;

/// <summary>The backends that a pool has beyond those that are listed. Pure.</summary>
internal static class EffectiveBackends
{
    /// <summary>Those that are listed now, and behind them what names led to or other nodes told, and what was listed before: its sessions are still there.</summary>
    /// <param name="had">The pool's backends until now.</param>
    /// <param name="listedBefore">Those of them that were listed.</param>
    /// <param name="agreedNow">By the time that the nodes agree on.</param>
    public static EquatableArray<BackendSettings> After(
        EquatableArray<BackendSettings> had, EquatableArray<BackendSettings> listedBefore, PoolSettings next, DateTimeOffset agreedNow)
    {
        var listed = next.Backends.Select(b => b.Id).ToHashSet(StringComparer.Ordinal);
        var wasListed = listedBefore.Select(b => b.Id).ToHashSet(StringComparer.Ordinal);
        return
        [
            .. next.Backends,
            .. had.Where(b => !listed.Contains(b.Id)).Select(b => Unlisted(b, next.OverrideOf(b.Id), wasListed.Contains(b.Id) || (next.Names.IsEmpty && !b.IsTold), agreedNow)),
        ];
    }

    private static BackendSettings Unlisted(BackendSettings backend, BackendOverride? decided, bool hasLeft, DateTimeOffset agreedNow) =>
        decided?.Removal is { } removal ? backend with { TakesNewSessions = false, LeftAt = removal.At }
        : hasLeft ? backend with { TakesNewSessions = false, LeftAt = backend.LeftAt ?? agreedNow }
        : decided?.Weight is { } weight ? backend with { Weight = weight }
        : backend;
}

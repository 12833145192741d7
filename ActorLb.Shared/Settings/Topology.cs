using System.Collections.Immutable;

namespace ActorLb.Shared.Settings;

/// <summary>
/// What a node balances, and how: all that may be changed while it runs. Immutable; replaced as a whole, and whatever was
/// made from one follows the differences to the next.
/// </summary>
public sealed record Topology(
    EquatableArray<ListenerSettings> Listeners,
    EquatableArray<RouteSettings> Routes,
    ImmutableDictionary<string, PoolSettings> Pools,
    LimitSettings Limits)
{
    /// <summary>Before there is any.</summary>
    public static readonly Topology Nothing = new([], [], ImmutableDictionary<string, PoolSettings>.Empty, LimitSettings.None);

    public AccessLogSettings AccessLog { get; init; } = AccessLogSettings.Off;

    public bool Equals(Topology? other) =>
        other is not null
        && Listeners == other.Listeners
        && Routes == other.Routes
        && Limits == other.Limits
        && AccessLog == other.AccessLog
        && Pools.Count == other.Pools.Count
        && Pools.All(p => other.Pools.TryGetValue(p.Key, out PoolSettings? pool) && pool == p.Value);

    public override int GetHashCode() => HashCode.Combine(Listeners, Routes, Limits, AccessLog, Pools.Count);

    /// <summary>Of all sticky pools; half an hour where there is none.</summary>
    public TimeSpan ShortestIdleTimeout => IdleTimeouts.DefaultIfEmpty(TimeSpan.FromMinutes(30)).Min();

    /// <inheritdoc cref="ShortestIdleTimeout"/>
    public TimeSpan LongestIdleTimeout => IdleTimeouts.DefaultIfEmpty(TimeSpan.FromMinutes(30)).Max();

    private IEnumerable<TimeSpan> IdleTimeouts =>
        Pools.Values.Where(p => p.Affinity.IsSticky).Select(p => p.Affinity.IdleTimeout);

    /// <summary>Clients come over TLS (to this node, or to a proxy before it that says so) and over plain HTTP.</summary>
    public bool MixesSchemes =>
        Listeners.Any(l => l.Tls is null) && Listeners.Any(l => l.Tls is not null || !l.TrustedProxies.IsEmpty);
}

namespace ActorLb.Shared.Settings;

/// <summary>Which pool serves which requests.</summary>
/// <param name="Host">A name, "*.suffix", or "*".</param>
/// <param name="Path">Begins with '/'.</param>
/// <param name="Pool">Empty where the route itself answers, or has <see cref="Shares"/>.</param>
public sealed record RouteSettings(string Host, string Path, string Pool)
{
    /// <summary>The path itself, and nothing below it.</summary>
    public bool IsExact { get; init; }

    /// <summary>One of these (RFC 9110, 9.1: with case); empty: any.</summary>
    public EquatableArray<string> Methods { get; init; } = [];

    /// <summary>All of these.</summary>
    public EquatableArray<RouteHeader> Headers { get; init; } = [];

    /// <summary>Names of listeners that the request came by one of; empty: any.</summary>
    public EquatableArray<string> Listeners { get; init; } = [];

    /// <summary>The pools among which its new sessions are shared out; empty: there is one.</summary>
    public EquatableArray<PoolShare> Shares { get; init; } = [];

    /// <summary>Of all pools that it leads to.</summary>
    public IEnumerable<string> PoolNames => Shares.IsEmpty ? Pool.Length == 0 ? [] : [Pool] : Shares.Select(s => s.Pool);

    public RouteFilterSettings Filters { get; init; } = RouteFilterSettings.None;

    /// <summary>Host and path alone do not tell whether it fits.</summary>
    public bool IsConditional => Methods.Length > 0 || Headers.Length > 0 || Listeners.Length > 0;
}

/// <param name="Weight">0: sessions that live there stay, and none begins.</param>
public sealed record PoolShare(string Pool, int Weight);

/// <summary>A field that a request must have.</summary>
/// <param name="Name">Without case.</param>
/// <param name="Value">Of one of its lines, all of it, with case; null: any.</param>
public sealed record RouteHeader(string Name, string? Value);

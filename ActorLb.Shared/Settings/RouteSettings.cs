namespace ActorLb.Shared.Settings;

/// <summary>Which pool serves which requests.</summary>
/// <param name="Host">A name, "*.suffix", or "*".</param>
/// <param name="Path">Begins with '/'.</param>
/// <param name="Pool">Empty where the route itself answers.</param>
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

    public RouteFilterSettings Filters { get; init; } = RouteFilterSettings.None;

    /// <summary>Host and path alone do not tell whether it fits.</summary>
    public bool IsConditional => Methods.Length > 0 || Headers.Length > 0 || Listeners.Length > 0;
}

/// <summary>A field that a request must have.</summary>
/// <param name="Name">Without case.</param>
/// <param name="Value">Of one of its lines, all of it, with case; null: any.</param>
public sealed record RouteHeader(string Name, string? Value);

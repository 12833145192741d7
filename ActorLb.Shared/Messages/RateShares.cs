using System.Collections.Immutable;

namespace ActorLb.Shared.Messages;

/// <summary>What is counted together by the limit of one route in the whole cluster.</summary>
/// <param name="Route">Of the route and its limit: nodes whose configurations differ there have another one.</param>
/// <param name="Key">Of the client, the header's value or the route.</param>
public readonly record struct RateKeyId(uint Route, ulong Key);

/// <summary>A part of the limit of a key.</summary>
/// <param name="Millionths">Of the limit. Of a demand, it may be more than the limit.</param>
public readonly record struct RatePart(RateKeyId Id, uint Millionths)
{
    /// <summary>All of a limit.</summary>
    public const uint Whole = 1_000_000;
}

/// <summary>How much is asked for at a node, of keys that the other node owns, in the last moment. Answered by <see cref="SharesGiven"/>. Between nodes, every second; also empty, as a sign of life.</summary>
/// <param name="View">Of the members as the node sees them: those who see others do not follow each other.</param>
public sealed record RatesReported(string Node, uint View, ImmutableArray<RatePart> Demands);

/// <summary>How much of their limits the asking node may let through, of all keys that this one owns and that are asked for a lot. Between nodes.</summary>
/// <inheritdoc cref="RatesReported"/>
public sealed record SharesGiven(string Node, uint View, ImmutableArray<RatePart> Shares);

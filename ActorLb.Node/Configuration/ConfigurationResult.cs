using System.Collections.Immutable;
using ActorLb.Node.Configuration.Hocon;
using ActorLb.Shared.Settings;

namespace ActorLb.Node.Configuration;

/// <summary>What came of reading a configuration.</summary>
/// <param name="Settings">Null where there is a mistake.</param>
/// <param name="Mistakes">All of them, in the order of files and lines.</param>
internal sealed record ConfigurationResult(
    NodeSettings? Settings,
    ImmutableArray<ConfigurationMistake> Mistakes,
    ImmutableArray<ConfigurationWarning> Warnings)
{
    /// <summary>What others are not to see of it.</summary>
    internal HiddenValues Hidden { get; init; } = HiddenValues.None;

    /// <summary>Where a key below actorlb was written, or the nearest thing around it; what is found wrong with good settings later is told there.</summary>
    internal Func<string, (HoconOrigin Origin, string Key)>? PlaceOf { get; init; }
}

using System.Collections.Immutable;

namespace ActorLb.Node.Topologies;

/// <summary>One change of what is in force.</summary>
internal sealed record TopologyChange(TopologyState Before, TopologyState After)
{
    /// <summary>In force before and after; empty where it comes to the same.</summary>
    public ImmutableArray<SettingDifference> Differences { get; } =
        TopologyDifferences.Between(Before.InForce, After.InForce, Before.Layer.Hidden.With(After.Layer.Hidden));
}

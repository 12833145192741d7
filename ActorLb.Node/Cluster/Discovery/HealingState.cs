using ActorLb.Shared.Settings;

namespace ActorLb.Node.Cluster.Discovery;

/// <summary>
/// Decides when a member leaves its cluster for another one that it found: the other is the better one by the order of
/// <see cref="ClusterView"/>, all its members answer, and it was seen so twice, unchanged, while its own was at rest.
/// Through some members alone nobody joins for long: the others would take it out again, for ever. Pure.
/// </summary>
/// <param name="Better">The better cluster that was seen last; null where there was none.</param>
/// <param name="Own">This node's cluster then.</param>
internal sealed record HealingState(ClusterView? Better, ClusterView? Own)
{
    public static readonly HealingState Nothing = new(null, null);

    /// <param name="own">This node's cluster.</param>
    /// <param name="atRest">Nobody is joining, leaving or unreachable in it.</param>
    /// <param name="answers">Whether that node answered when this one asked it last.</param>
    public (HealingState Next, bool Moves) Heard(ClusterView own, bool atRest, ClusterReport other, Func<HostPort, bool> answers)
    {
        // A report without a cluster, or from this one: nothing to decide, and nothing against what was seen.
        if (other.Standing != Standing.Member || other.View.Members.IsEmpty || other.View.Overlaps(own))
        {
            return (this, false);
        }

        if (!atRest || !other.View.Beats(own) || !other.View.Members.All(m => answers(m.Address)))
        {
            return (Nothing, false);
        }

        bool again = Better is not null && other.View.Equals(Better) && own.Equals(Own);
        return (new HealingState(other.View, own), again);
    }
}

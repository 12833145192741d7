using ActorLb.Shared.Backends;

namespace ActorLb.Node.Overlays;

/// <summary>Does the node go by this write of the registers, and have it on its disk? To every node's OverlayActor; answered by DecisionKept.</summary>
internal sealed record AskWritten(Dot Dot);

/// <summary>Could the node go by this backend, if it were added? Before anything is changed, to every node's OverlayActor; answered by <see cref="Addable"/>.</summary>
internal sealed record AskAddable(BackendName Backend, Uri Address);

/// <param name="Node">Who answers.</param>
/// <param name="Problem">Why it could not; empty where it could.</param>
/// <param name="Why">For people.</param>
internal sealed record Addable(string Node, string Problem, string Why)
{
    public static Addable Yes(string node) => new(node, "", "");
}

/// <summary>Is a removed backend still there, for requests or sessions? To every node's OverlayActor.</summary>
internal sealed record AskGone(BackendName Backend, long Version);

/// <param name="Node">Who answers.</param>
/// <param name="IsGone">The node knows of the removal, and has no such backend any more.</param>
internal sealed record BackendGone(string Node, BackendName Backend, long Version, bool IsGone);

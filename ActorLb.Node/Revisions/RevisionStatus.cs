namespace ActorLb.Node.Revisions;

/// <summary>How a node stands to the revisions of its cluster. Immutable; produced by RevisionActor, before it by RevisionCapability.</summary>
/// <param name="History">What was decided, as this node knows it.</param>
/// <param name="Problem">Why this node does not go by the first of them; null: it does, or there is none.</param>
public sealed record RevisionStatus(RevisionHistory History, string? Problem)
{
    public static readonly RevisionStatus None = new(RevisionHistory.Empty, null);
}

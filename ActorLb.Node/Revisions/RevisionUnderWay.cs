namespace ActorLb.Node.Revisions;

/// <summary>
/// How far the change is that this node takes to the others. Kept beside RevisionActor, because the change goes on when the actor
/// starts anew. Written by the actor and by <see cref="RevisionApply"/>; any thread reads.
/// </summary>
internal sealed class RevisionUnderWay
{
    private volatile PreparedRevision? _deciding;
    private volatile bool _isTrying;
    private volatile bool _isApplying;

    /// <summary>Written down by some, and neither decided nor withdrawn.</summary>
    public PreparedRevision? Deciding
    {
        get => _deciding;
        set => _deciding = value;
    }

    /// <summary>A change is under way, and does not wait for another one.</summary>
    public bool IsTrying
    {
        get => _isTrying;
        set => _isTrying = value;
    }

    /// <summary>It has its turn here.</summary>
    public bool IsApplying
    {
        get => _isApplying;
        set => _isApplying = value;
    }
}

namespace ActorLb.Node.Revisions;

/// <summary>The steps of a change, for tests that end a node at each.</summary>
internal enum RevisionStep
{
    /// <summary>The node that was asked asks all whether they could run it.</summary>
    Asking,

    /// <summary>All could, and nobody has written it.</summary>
    Tried,

    /// <summary>A member is about to write it.</summary>
    Keeping,

    /// <summary>A member has written it, and has not said so.</summary>
    Kept,

    /// <summary>A majority has written it, and nobody was told to go over.</summary>
    Decided,

    /// <summary>A member was told to go over, and has done nothing yet.</summary>
    Taking,

    /// <summary>A member has gone over, and has not said so.</summary>
    Taken,

    /// <summary>All have answered, and whoever asked has not heard of it.</summary>
    Confirmed,
}

/// <summary>Called at each step of a change on a node; one that never completes is a node that stopped there.</summary>
internal delegate Task RevisionSeam(RevisionStep step);

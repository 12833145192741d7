using System.Collections.Immutable;
using ActorLb.Node.Topologies;

namespace ActorLb.Node.Revisions;

/// <summary>What became of a topology that was given to the cluster.</summary>
public enum RevisionVerdict
{
    /// <summary>It is in force on every node that can be reached, and a majority has it on disk.</summary>
    InForce,

    /// <summary>It is decided and spreads, and not every node that can be reached has said yet that it goes by it.</summary>
    Spreads,

    /// <summary>That is in force already.</summary>
    Unchanged,

    /// <summary>All could run it, and nothing was to be changed.</summary>
    Possible,

    /// <summary>It has mistakes, or some node cannot run it. Nothing has changed.</summary>
    Impossible,

    /// <summary>Fewer than a majority of the members can be reached or can write it down. Nothing has changed.</summary>
    NoMajority,

    /// <summary>Another change is under way. Nothing has changed.</summary>
    Busy,

    /// <summary>A node that can be reached does not answer. Nothing has changed.</summary>
    Silent,

    /// <summary>It was to replace another revision than the one that counts. Nothing has changed.</summary>
    OtherRevision,
}

/// <summary>The answer to whoever gave a topology to the cluster.</summary>
/// <param name="Revision">What is in force or was to be; null where it got no number.</param>
public sealed record RevisionOutcome(RevisionVerdict Verdict, RevisionId? Revision)
{
    public ImmutableArray<RevisionMistake> Mistakes { get; init; } = [];

    public ImmutableArray<string> Warnings { get; init; } = [];

    /// <summary>What changes at the node that was asked.</summary>
    public ImmutableArray<SettingDifference> Changes { get; init; } = [];

    /// <summary>Nodes that have not said that they go by it, with why where they said so; or nodes that are missing to a majority.</summary>
    public ImmutableArray<string> Nodes { get; init; } = [];

    /// <summary>Of what it comes to at the node that was asked.</summary>
    public uint Fingerprint { get; init; }

    /// <summary>The same for every node that goes by it.</summary>
    public ImmutableArray<(string Node, uint Fingerprint)> InForceAt { get; init; } = [];

    /// <summary>Members that cannot be reached, and nodes that were lost lately: they take it when they can.</summary>
    public ImmutableArray<string> Unreachable { get; init; } = [];

    /// <summary>One sentence more for people; empty for none.</summary>
    public string Detail { get; init; } = "";
}

/// <summary>How a topology is given to the cluster.</summary>
/// <param name="Who">The token and the address that ask for it.</param>
/// <param name="IsTrial">Only says what would come of it.</param>
internal sealed record RevisionRequest(string Who, bool IsTrial)
{
    /// <summary>The number of the revision that it is to replace, 0 for none; null: whichever counts.</summary>
    public long? IfRevision { get; init; }
}

/// <summary>
/// A topology is given to the cluster; to the RevisionActor of the node that was asked, answered by a <see cref="RevisionOutcome"/>.
/// Never leaves its node.
/// </summary>
/// <param name="Text">As it is kept, without place holders; null: the files have their say again.</param>
/// <param name="Since">When it was asked for, as TimeProvider.GetTimestamp says it.</param>
/// <param name="Caller">Cancelled when nobody waits for the answer any more.</param>
internal sealed record ApplyRevision(string? Text, string Note, RevisionRequest Request, long Since, CancellationToken Caller)
{
    public bool IsTrial => Request.IsTrial;
}

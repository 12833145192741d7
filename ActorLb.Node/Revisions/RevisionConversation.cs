using System.Collections.Immutable;
using ActorLb.Node.Topologies;

namespace ActorLb.Node.Revisions;

/// <summary>Could you run this? From the node that was asked to every member; answered by <see cref="RevisionTried"/>.</summary>
/// <param name="Coordinator">The node that was asked.</param>
/// <param name="Text">Null: your files.</param>
internal sealed record TryRevision(string Coordinator, string? Text);

/// <param name="Busy">The node whose change is under way there; empty: none is.</param>
/// <param name="Highest">The highest number that was given out as far as it knows.</param>
/// <param name="Mistakes">Why it could not; empty: it could.</param>
internal sealed record RevisionTried(string Node, string Busy, long Highest, ImmutableArray<RevisionMistake> Mistakes);

/// <summary>Why a node could not run what is to be in force.</summary>
/// <param name="Line">From 1; 0: not known.</param>
/// <param name="Key">Dotted, from actorlb; empty where it is not known.</param>
/// <param name="Text">One line: where, which key, what is wrong, what would be right.</param>
public sealed record RevisionMistake(string Node, string File, int Line, int Column, string Key, string Text);

/// <summary>Write it down. When all have proved that they could run it; answered by <see cref="RevisionKept"/>.</summary>
internal sealed record KeepRevision(PreparedRevision Prepared);

/// <param name="Busy">The node whose change is under way there instead; empty: none is.</param>
internal sealed record RevisionKept(string Node, bool IsOnDisk, string Busy);

/// <summary>It is decided: go over to it. Answered by <see cref="RevisionTaken"/> when that has happened, or cannot.</summary>
internal sealed record CommitRevision(Revision Revision);

/// <param name="Problem">Why it is not in force there; empty: it is, or a later one.</param>
/// <param name="Fingerprint">Of what it comes to there, with what operators decided over it.</param>
internal sealed record RevisionTaken(string Node, bool IsOnDisk, string Problem, uint Fingerprint);

/// <summary>Whose turn is it? To the node that gives out the turns; answered by <see cref="TurnStands"/> when it is the asker's, else within half a second.</summary>
internal sealed record AskTurn(TurnRequest Request);

/// <summary>The turn was used, or is not wanted any more.</summary>
internal sealed record EndTurn(TurnRequest Request);

/// <param name="Holder">The node whose turn it is; empty: nobody's at this moment.</param>
internal sealed record TurnStands(TurnRequest Request, string Holder);

/// <summary>It was not decided, and will not be.</summary>
internal sealed record DropRevision(RevisionId Id);

/// <summary>What became of it? Answered by <see cref="RevisionStands"/>.</summary>
internal sealed record AskStanding(RevisionId Id);

internal sealed record RevisionStands(string Node, RevisionId Id, RevisionStanding Standing);

/// <summary>All that a node has in its history; to every member now and then, and when it has more.</summary>
internal sealed record RevisionsKnown(string Node, ImmutableArray<RevisionId> Ids);

/// <summary>Tell me these; answered by a <see cref="RevisionTold"/> for each.</summary>
internal sealed record AskRevisions(ImmutableArray<RevisionId> Ids);

internal sealed record RevisionTold(Revision Revision);

using System.Collections.Immutable;

namespace ActorLb.Node.Revisions;

/// <summary>How a node stands to a revision that was prepared.</summary>
internal enum RevisionStanding
{
    /// <summary>It knows nothing of it, or has dropped it.</summary>
    None,

    /// <summary>It has it on disk, and has not heard what became of it.</summary>
    Prepared,

    /// <summary>It was the one to take it, and has not decided yet.</summary>
    Deciding,

    /// <summary>It was the one to take it, and has taken it back.</summary>
    Withdrawn,

    /// <summary>It knows that it was decided.</summary>
    Committed,
}

/// <summary>What becomes of a prepared revision.</summary>
internal enum RecoveryDecision
{
    /// <summary>Not known yet: what is in force stays so.</summary>
    Wait,
    Commit,
    Drop,
}

/// <summary>
/// What becomes of a prepared revision whose decision did not come: its coordinator died, or cannot be reached. Nobody is asked to
/// write it before every node has proved that it could run it, and nobody goes over to it before a majority of the members of
/// that moment has written it. So a majority that has written it is the decision, and where there can be none it was never made.
/// Pure.
/// </summary>
internal sealed record RecoveryState(PreparedRevision Prepared, ImmutableDictionary<string, RevisionStanding> Answers)
{
    public static RecoveryState Of(PreparedRevision prepared) => new(prepared, ImmutableDictionary<string, RevisionStanding>.Empty);

    public RecoveryState With(string node, RevisionStanding standing) => this with { Answers = Answers.SetItem(node, standing) };

    public RecoveryDecision Decision
    {
        get
        {
            if (Answers.ContainsValue(RevisionStanding.Committed))
            {
                return RecoveryDecision.Commit;
            }

            if (Answers.ContainsValue(RevisionStanding.Withdrawn))
            {
                return RecoveryDecision.Drop;
            }

            if (Answers.ContainsValue(RevisionStanding.Deciding))
            {
                return RecoveryDecision.Wait;
            }

            int written = Prepared.Electorate.Count(n => Answers.GetValueOrDefault(n) == RevisionStanding.Prepared);
            int not = Prepared.Electorate.Count(n => Answers.TryGetValue(n, out RevisionStanding standing) && standing == RevisionStanding.None);
            return written >= Prepared.Majority ? RecoveryDecision.Commit
                : Prepared.Electorate.Length - not < Prepared.Majority ? RecoveryDecision.Drop
                : RecoveryDecision.Wait;
        }
    }
}

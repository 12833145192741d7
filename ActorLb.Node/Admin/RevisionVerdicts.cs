using ActorLb.Node.Revisions;

namespace ActorLb.Node.Admin;

/// <summary>What came of a topology that was given to the cluster: for who asked, and for the log.</summary>
internal static class RevisionVerdicts
{
    /// <summary>Null where it is no problem.</summary>
    public static AdminProblem? ProblemOf(RevisionOutcome outcome) => outcome.Verdict switch
    {
        RevisionVerdict.Impossible => AdminProblem.BadTopology(outcome.Mistakes),
        RevisionVerdict.NoMajority => AdminProblem.NoMajority(outcome.Detail, outcome.Nodes),
        RevisionVerdict.Busy => AdminProblem.ChangeUnderWay(outcome.Detail, outcome.Nodes),
        RevisionVerdict.Silent => AdminProblem.SilentNodes(outcome.Nodes),
        RevisionVerdict.OtherRevision => AdminProblem.OtherRevision(outcome.Detail),
        _ => null,
    };

    /// <summary>For the log.</summary>
    public static string WordsOf(RevisionOutcome outcome, bool isTrial) => outcome.Verdict switch
    {
        RevisionVerdict.InForce => $"revision {outcome.Revision} is in force",
        RevisionVerdict.Spreads => $"revision {outcome.Revision} is decided, and not in force yet at {string.Join(", ", outcome.Nodes)}",
        RevisionVerdict.Unchanged => outcome.Revision is { } same ? $"that is in force already, as revision {same}" : "that is in force already",
        RevisionVerdict.Possible => "tried, and all could run it",
        _ => $"{(isTrial ? "tried" : "refused")}, nothing has changed: {ProblemOf(outcome)?.Detail?.Replace("Nothing has changed. ", "", StringComparison.Ordinal)}",
    };
}

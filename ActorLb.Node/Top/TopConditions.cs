namespace ActorLb.Node.Top;

/// <summary>How somebody is: the word, what it means, and how bad it is.</summary>
/// <param name="Rank">The worst is the greatest.</param>
internal readonly record struct TopCondition(int Rank, string Word, TopTone Tone)
{
    public TopSpan Span => new(TopText.Visible(Word), Tone);
}

/// <summary>How backends and nodes are, in a word each. Pure.</summary>
internal static class TopConditions
{
    private const string Backup = "backup";

    public static TopCondition Of(LiveBackend backend) => backend switch
    {
        { Operator: "maintenance" } => new TopCondition(2, "maintenance", TopTone.Warning),
        { State: "down", Operator: "draining" } => new TopCondition(6, "down, drain", TopTone.Bad),
        { State: "down" } => new TopCondition(7, "down", TopTone.Bad),
        { Operator: "draining" } => new TopCondition(3, "draining", TopTone.Warning),
        { State: "unknown" } => new TopCondition(1, "not probed", TopTone.Dim),
        { State: not "up" } => new TopCondition(4, backend.State, TopTone.Warning),
        { Why: Backup } => new TopCondition(0, "up", TopTone.Good),
        { TakesNewSessions: false, Why.Length: > 0 } => new TopCondition(5, "up, ejected", TopTone.Warning),
        { TakesNewSessions: false } => new TopCondition(4, "up, no new", TopTone.Warning),
        { Why.Length: > 0 } => new TopCondition(4, "up, look", TopTone.Warning),
        _ => new TopCondition(0, "up", TopTone.Good),
    };

    public static TopCondition Of(LiveNode node) => node switch
    {
        { IsReachable: false } => new TopCondition(3, "not heard", TopTone.Bad),
        { Status: not ("up" or "alone") } => new TopCondition(1, node.Status, TopTone.Warning),
        { Figures: null } => new TopCondition(2, "silent", TopTone.Warning),
        _ => new TopCondition(0, node.Status, TopTone.Good),
    };

    public static TopCondition Of(LivePool pool)
    {
        int up = pool.Backends.Count(b => b.State == "up");
        string word = $"{up} of {pool.Backends.Length} up";
        return pool.Backends.Length > 0 && !pool.Backends.Any(b => b.TakesNewSessions) ? new TopCondition(3, word, TopTone.Bad)
            : up < pool.Backends.Length ? new TopCondition(2, word, TopTone.Warning)
            : new TopCondition(0, word, TopTone.Good);
    }
}

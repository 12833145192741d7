namespace ActorLb.Engine.Epoll;

/// <summary>Whether beginning anew still helps: not where it was done again and again within a short time.</summary>
/// <param name="Count">In all.</param>
/// <param name="Since">When those that are counted as one row began.</param>
/// <param name="InRow">Of that row.</param>
internal readonly record struct RestartState(int Count, TimeSpan Since, int InRow)
{
    public const int RowMax = 5;

    public static readonly TimeSpan RowTime = TimeSpan.FromMinutes(1);

    /// <summary>One more does not help.</summary>
    public bool AreTooMany => InRow > RowMax;

    /// <param name="now">Of a steady clock.</param>
    public RestartState After(TimeSpan now) => Count == 0 || now - Since > RowTime
        ? new RestartState(Count + 1, now, 1)
        : new RestartState(Count + 1, Since, InRow + 1);
}

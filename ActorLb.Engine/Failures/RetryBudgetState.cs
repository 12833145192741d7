namespace ActorLb.Engine.Failures;

/// <summary>The retries of one pool in one second. Pure: each step gives its successor.</summary>
/// <param name="Began">When the second began, in milliseconds of a steady clock.</param>
/// <param name="RequestsBefore">Of the pool, until then.</param>
/// <param name="Retries">In this second.</param>
internal readonly record struct RetryBudgetState(long Began, long RequestsBefore, int Retries)
{
    /// <summary>Retries in a second that need no budget: a pool with little to do has few requests to count.</summary>
    public const int Floor = 10;

    public const long PeriodMilliseconds = 1000;

    public static readonly RetryBudgetState Nothing = new(long.MinValue, 0, 0);

    /// <param name="requests">Of the pool so far, without retries.</param>
    /// <returns>Whether there is one, and what is left then.</returns>
    public (bool IsGranted, RetryBudgetState Next) Take(long now, long requests, int percent)
    {
        // Fewer than before are those of backends that have gone, or retries that are still to be sent: then there is the floor.
        bool isNew = Began == long.MinValue || now - Began >= PeriodMilliseconds;
        RetryBudgetState state = isNew ? new RetryBudgetState(now, requests, 0) : this;
        return percent > 0 && (state.Retries < Floor || (state.Retries + 1) * 100L <= (requests - state.RequestsBefore) * percent)
            ? (true, state with { Retries = state.Retries + 1 })
            : (false, state);
    }

    /// <summary>A retry that was granted is not made. One of an earlier second is gone with that.</summary>
    public RetryBudgetState GiveBack() => Retries > 0 ? this with { Retries = Retries - 1 } : this;
}

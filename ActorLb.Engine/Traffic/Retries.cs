using ActorLb.Engine.Failures;
using ActorLb.Engine.Routing;
using ActorLb.Shared.Settings;

namespace ActorLb.Engine.Traffic;

/// <summary>Whether there is another try for a request, beside <see cref="RetryPolicy"/>, which says whether it may be. Both lanes ask it.</summary>
internal static class Retries
{
    /// <summary>Takes one out of the pool's budget, where it is one that counts.</summary>
    /// <param name="failure">For which it may be sent again.</param>
    public static bool TryTake(in Assignment failed, in Attempts attempts, FailureReason failure)
    {
        if (!attempts.HasLeft(failure))
        {
            return false;
        }

        // A session is held back by other bounds, and what operators do to a backend is no failure of it.
        RetryBudget budget = failed.Pool.Retries;
        if (failed.IsBound || !attempts.IsCounted(failure) || FailureAnswer.Of(failure).Outcome is null)
        {
            budget.Freely();
            return true;
        }

        return TryTake(failed.Pool, budget);
    }

    /// <summary>Whether another backend is asked instead of passing on an answer with this status; takes it out of the budget then.</summary>
    /// <param name="mayRepeat">The request can be sent again: it is idempotent, and what was asked for of its body is held.</param>
    public static bool TryTakeForStatus(in Assignment answered, in Attempts attempts, int status, bool mayRepeat)
    {
        RetrySettings retry = answered.Pool.Settings.Retry;
        return !retry.Statuses.IsEmpty
            && retry.IsFor(status)
            && mayRepeat
            && !answered.IsBound
            && attempts.HasLeft(FailureReason.BackendStatus)
            && HasAnother(answered)
            && TryTake(answered.Pool, answered.Pool.Retries);
    }

    /// <summary>Another backend cannot be asked after all: what <see cref="TryTakeForStatus"/> took is left for others.</summary>
    public static void GiveBack(in Assignment answered) => answered.Pool.Retries.GiveBack();

    private static bool TryTake(PoolSnapshot pool, RetryBudget budget) => budget.TryTake(pool.RequestsSent, pool.Settings.Retry.BudgetPercent);

    private static bool HasAnother(in Assignment answered)
    {
        foreach (BackendSnapshot backend in answered.Pool.Backends)
        {
            if ((backend.TakesNewSessions || backend.StandsBy) && !backend.Traffic.IsEjected && backend.Key != answered.Backend!.Key)
            {
                return true;
            }
        }

        return false;
    }
}

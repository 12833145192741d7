namespace ActorLb.Shared.Settings;

/// <summary>retry of a pool, but for its attempts.</summary>
/// <param name="BudgetPercent">Of a pool's requests, how many in a hundred may be tried again; 0 to 100.</param>
/// <param name="Statuses">Of answers for which another backend is asked.</param>
public sealed record RetrySettings(int BudgetPercent, EquatableArray<StatusRange> Statuses)
{
    public static readonly RetrySettings Plain = new(100, []);

    /// <summary>Of a request's body, how many are held so that it can be sent again; 0: none.</summary>
    public int BodyBytes { get; init; }

    public bool IsFor(int status)
    {
        foreach (StatusRange range in Statuses)
        {
            if (range.Contains(status))
            {
                return true;
            }
        }

        return false;
    }
}

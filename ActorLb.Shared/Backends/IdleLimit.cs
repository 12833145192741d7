namespace ActorLb.Shared.Backends;

/// <summary>What one backend showed of how long it keeps connections, for all lanes and loops. Any thread.</summary>
public sealed class IdleLimit
{
    private IdleLimitState _state = IdleLimitState.Unknown;

    public IdleLimitState State => Volatile.Read(ref _state);

    /// <summary>Its answer holds Keep-Alive: timeout=N.</summary>
    /// <param name="seconds">At most a day counts.</param>
    public void Told(long seconds)
    {
        IdleLimitState seen = State;
        IdleLimitState next = seen.AfterTold(1000 * Math.Min(seconds, 86_400));
        if (next.Told != seen.Told)
        {
            Change(static (s, told) => s with { Told = told }, next.Told);
        }
    }

    /// <inheritdoc cref="IdleLimitState.AfterClosed"/>
    public void ClosedAfter(long idle, long now) => Change(static (s, times) => s.AfterClosed(times.idle, times.now), (idle, now));

    /// <inheritdoc cref="IdleLimitState.AfterSpoken"/>
    public void Spoke(long now) => Change(static (s, at) => s.AfterSpoken(at), now);

    private void Change<T>(Func<IdleLimitState, T, IdleLimitState> change, T value)
    {
        IdleLimitState seen = State;
        while (true)
        {
            IdleLimitState before = Interlocked.CompareExchange(ref _state, change(seen, value), seen);
            if (ReferenceEquals(before, seen))
            {
                return;
            }

            seen = before;
        }
    }
}

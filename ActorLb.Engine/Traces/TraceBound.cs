namespace ActorLb.Engine.Traces;

/// <summary>
/// How many traces a second are recorded. Of these, half are for those who ask for it by a flag that anybody can send: a stranger who sets it on all requests takes nothing from what is
/// sampled here. Any thread.
/// </summary>
/// <param name="perSecond">At least 1; as many may come at once.</param>
/// <param name="frequency">Timestamps in a second.</param>
internal sealed class TraceBound(int perSecond, long frequency)
{
    private readonly Lock _lock = new();
    private readonly long _step = Math.Max(1, frequency / perSecond);

    // By the generic cell rate algorithm (ITU-T I.371, Annex A): when the next one would come if all came evenly.
    private long _next = long.MinValue;
    private long _nextOfStrangers = long.MinValue;

    /// <param name="isStranger">It is recorded because its client says so, and the client is no trusted proxy.</param>
    /// <param name="now">A timestamp.</param>
    public bool TryTake(bool isStranger, long now)
    {
        lock (_lock)
        {
            if (!Fits(_next, now) || (isStranger && !Fits(_nextOfStrangers, now)))
            {
                return false;
            }

            _next = Math.Max(_next, now) + _step;
            if (isStranger)
            {
                _nextOfStrangers = Math.Max(_nextOfStrangers, now) + (2 * _step);
            }

            return true;
        }
    }

    // One second's worth may come at once, and not one more.
    private bool Fits(long next, long now) => next <= now || next - now <= frequency - _step;
}

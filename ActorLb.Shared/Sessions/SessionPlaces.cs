namespace ActorLb.Shared.Sessions;

/// <summary>
/// How many bindings a pool, or a bucket of it, holds. A session that never moved may do without: its ticket says all
/// that a binding would. Of one that moved, a client that does not take its new ticket knows only the old home: such
/// sessions have places of their own beyond the others'.
/// </summary>
/// <param name="SessionsMax">A session that has not moved is taken in while fewer are held.</param>
/// <param name="WithMovedMax">One that has moved, while fewer than this are.</param>
public readonly record struct SessionPlaces(int SessionsMax, int WithMovedMax)
{
    /// <summary>Of a pool. More would make eight full buckets, which gossip sends together, larger than a frame (hocon/akka.conf).</summary>
    public const int Max = 15_000_000;

    /// <summary>Small pools lose a backend with more sessions than they remember.</summary>
    private const int MovedMin = 4096;

    /// <param name="sessionsMax">affinity.max-sessions; beyond, there is a quarter as many for those that moved, and at least 4096.</param>
    public static SessionPlaces OfPool(int sessionsMax) =>
        new(sessionsMax, Math.Max(sessionsMax, Math.Min(Max, sessionsMax + Math.Max(MovedMin, sessionsMax / 4))));

    /// <summary>Of each bucket of such a pool.</summary>
    public static SessionPlaces OfBucket(int sessionsMax)
    {
        SessionPlaces pool = OfPool(sessionsMax);
        return new(BucketId.SessionsMax(pool.SessionsMax), BucketId.SessionsMax(pool.WithMovedMax));
    }

    /// <summary>Places that only sessions that moved get.</summary>
    public int ForMovedAlone => WithMovedMax - SessionsMax;

    public int For(in Binding binding) => binding.HasMoved ? WithMovedMax : SessionsMax;
}

namespace ActorLb.Shared.Backends;

/// <summary>
/// How long unused connections to one backend may be kept, from what the backend showed: its Keep-Alive field (RFC 9112,
/// appendix C.2.2), and connections that it closed while they were kept. Pure. Milliseconds of a steady clock.
/// </summary>
/// <param name="Told">What timeout=N said; null: nothing.</param>
/// <param name="ClosedAfter">What is left of the shortest time after which the backend closed one; null: it closed none.</param>
/// <param name="ClosedAt">When it did.</param>
public sealed record IdleLimitState(long? Told, long? ClosedAfter, long ClosedAt)
{
    /// <summary>Also what is kept for this long only spares connections to a backend that is busy.</summary>
    public const long Shortest = 100;

    /// <summary>
    /// How long an unused connection is good for a request that cannot be sent again, where the backend told nothing. The
    /// common server with the shortest time, gunicorn, closes after 2 s.
    /// </summary>
    public const long UnrepeatableMax = 1000;

    /// <summary>
    /// A limit that was learnt doubles in this time, until the backend closes a connection again: it may have closed one
    /// because it was restarted. Only requests that can be sent again try it.
    /// </summary>
    public const long DoublingTime = 120_000;

    /// <summary>
    /// How long none is kept once the backend has said something on one that nobody had asked for: what it says a moment later
    /// comes when another client's request is out, and nothing tells it from that client's answer.
    /// </summary>
    public const long MistrustTime = 60_000;

    /// <summary>When the backend last said something that nobody had asked for; null: never.</summary>
    public long? SpokeAt { get; init; }

    public static readonly IdleLimitState Unknown = new(null, null, 0);

    /// <summary>An answer told how long the backend keeps connections.</summary>
    /// <param name="milliseconds">0: it keeps none.</param>
    public IdleLimitState AfterTold(long milliseconds) => this with { Told = milliseconds - Margin(milliseconds) };

    /// <summary>The backend closed a kept connection.</summary>
    /// <param name="idle">How long it was kept.</param>
    public IdleLimitState AfterClosed(long idle, long now)
    {
        long limit = Math.Max(Shortest, idle - Margin(idle));
        return limit < Learnt(now) ? this with { ClosedAfter = limit, ClosedAt = now } : this;
    }

    /// <summary>The backend said something on a connection over which nothing had been asked.</summary>
    public IdleLimitState AfterSpoken(long now) => this with { SpokeAt = now };

    /// <summary>Each connection carries one request and no more.</summary>
    public bool IsMistrusted(long now) => SpokeAt is { } at && now - at < MistrustTime;

    /// <summary>How long a connection is kept.</summary>
    /// <param name="configured">0: no limit.</param>
    public long Keep(long configured, long now) => IsMistrusted(now) ? 0 :
        Math.Min(configured > 0 ? configured : long.MaxValue, Math.Min(Told ?? long.MaxValue, Learnt(now)));

    /// <summary>How long a kept connection is good for a request that cannot be sent again.</summary>
    public long KeepForUnrepeatable => Math.Min(Told ?? UnrepeatableMax, ClosedAfter ?? long.MaxValue);

    // Time for a request to get there, and for the backend's clock to be coarse.
    private static long Margin(long time) => Math.Min(time, Math.Clamp(time / 4, 200, 2000));

    private long Learnt(long now) =>
        ClosedAfter is { } limit ? (long)Math.Min(long.MaxValue / 2, limit * Math.Pow(2, (double)Math.Max(0, now - ClosedAt) / DoublingTime)) : long.MaxValue;
}

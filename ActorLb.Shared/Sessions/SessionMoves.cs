namespace ActorLb.Shared.Sessions;

/// <summary>
/// When the sessions of a backend leave it, each at its own moment: the time between begin and end is shared out by a hash of
/// their ids, so that all nodes know the moment of each without asking anybody. Immutable.
/// </summary>
/// <param name="Begins">By the time that the nodes agree on, in whole milliseconds.</param>
/// <param name="Over">How long it takes until the last one leaves; zero: all leave at once.</param>
/// <param name="Rate">Sessions a second, as it was asked for; null: all at once.</param>
public sealed record SessionMoves(DateTimeOffset Begins, TimeSpan Over, int? Rate)
{
    /// <summary>More a second than any cluster moves.</summary>
    public const int RateMax = 1_000_000;

    /// <summary>The slowest: as many sessions as a pool can have, one a second.</summary>
    public static readonly TimeSpan Longest = TimeSpan.FromSeconds(SessionPlaces.Max);

    /// <summary>From which the slowest still ends at a time that can be written.</summary>
    public static readonly DateTimeOffset LatestBegin = DateTimeOffset.MaxValue - Longest;

    public DateTimeOffset Ends => Begins + Over;

    /// <param name="sessions">That are to leave.</param>
    public static SessionMoves At(DateTimeOffset begins, int sessions, int? rate) => new(
        DateTimeOffset.FromUnixTimeMilliseconds(begins.ToUnixTimeMilliseconds()),
        rate is { } each ? TimeSpan.FromMilliseconds(Math.Min(sessions * 1000L / each, (long)Longest.TotalMilliseconds)) : TimeSpan.Zero,
        rate);

    /// <summary>When a session leaves, in milliseconds since 1970.</summary>
    public long MomentOf(SessionId session)
    {
        // By the begin, too: who is asked again for another rate has what is left shared out anew.
        long begins = Begins.ToUnixTimeMilliseconds();
        double unit = (Rendezvous.Hash(session, (ulong)begins) >> 11) * (1.0 / (1UL << 53));
        return begins + (long)(Over.TotalMilliseconds * unit);
    }

    /// <param name="now">Milliseconds since 1970, by the time that the nodes agree on.</param>
    public bool IsDue(SessionId session, long now) => now >= MomentOf(session);
}

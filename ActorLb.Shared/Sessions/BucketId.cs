namespace ActorLb.Shared.Sessions;

/// <summary>A bucket of sessions of one pool: the unit of ownership and of replication.</summary>
/// <param name="Index">0 to <see cref="Count"/> - 1: the top bits of the session's id.</param>
public readonly record struct BucketId(string Pool, int Index)
{
    /// <summary>Buckets per pool: 1024, so that a million sessions give buckets of about a thousand.</summary>
    public const int Count = 1024;

    private const int IndexBits = 10;

    public static BucketId Of(string pool, SessionId session) => new(pool, IndexOf(session));

    public static int IndexOf(SessionId session) => (int)(session.High >> (64 - IndexBits));

    /// <summary>
    /// The most sessions of one bucket of a pool: its share and six standard deviations, since ids are random. Who
    /// has ids of one bucket only, by whatever means, gets no more than that.
    /// </summary>
    public static int SessionsMax(int poolSessionsMax)
    {
        double share = (double)poolSessionsMax / Count;
        return (int)Math.Ceiling(share + (6 * Math.Sqrt(share))) + 16;
    }

    public override string ToString() => $"{Pool}/{Index}";
}

namespace ActorLb.Engine.Sessions;

/// <summary>What became of the tickets that clients sent: monotonic counts since the node's start.</summary>
public sealed class SessionCounters
{
    private long _issued;
    private long _withheld;
    private long _refused;
    private long _expired;
    private long _adopted;
    private readonly long[] _rebound = new long[(int)MoveReason.Operator + 1];
    private long _reboundAlone;
    private long _ofEnded;
    private long _ended;
    private long _keyUnknown;
    private long _signerChanges;
    private long _learned;
    private long _unasked;

    public long Issued => Interlocked.Read(ref _issued);

    /// <summary>Tickets that were due on an answer which a cache may give to others, and wait for the next one.</summary>
    public long Withheld => Interlocked.Read(ref _withheld);

    /// <summary>Cookies that were no valid ticket of ours: forged, truncated, foreign, or too many.</summary>
    public long Refused => Interlocked.Read(ref _refused);

    /// <summary>Valid tickets whose session nobody remembered and which were older than the idle timeout.</summary>
    public long Expired => Interlocked.Read(ref _expired);

    /// <summary>Valid tickets of sessions that an operator had ended.</summary>
    public long OfEnded => Interlocked.Read(ref _ofEnded);

    /// <summary>Sessions that an operator ended at this node.</summary>
    public long Ended => Interlocked.Read(ref _ended);

    public long Adopted => Interlocked.Read(ref _adopted);

    /// <summary>Sessions moved by their owner's decision.</summary>
    public long Rebound => Enum.GetValues<MoveReason>().Sum(ReboundFor);

    /// <summary>Those of <see cref="Rebound"/> that left for this reason.</summary>
    public long ReboundFor(MoveReason reason) => Interlocked.Read(ref _rebound[(int)reason]);

    /// <summary>Sessions that this node moved alone because the owner did not answer.</summary>
    public long ReboundAlone => Interlocked.Read(ref _reboundAlone);

    /// <summary>Those of <see cref="Refused"/> that look like tickets of a key that this node does not have: dropped, not yet heard of, or made up.</summary>
    public long KeyUnknown => Interlocked.Read(ref _keyUnknown);

    /// <summary>How often this node went over to another shared key to sign with.</summary>
    public long SignerChanges => Interlocked.Read(ref _signerChanges);

    /// <summary>Sessions that an answer of a backend began, by a cookie of the application.</summary>
    public long Learned => Interlocked.Read(ref _learned);

    /// <summary>Values of that cookie for which no owner was asked, because their client had asked for too many.</summary>
    public long Unasked => Interlocked.Read(ref _unasked);

    public void ValuesUnasked(int values) => Interlocked.Add(ref _unasked, values);

    public void SessionLearned() => Interlocked.Increment(ref _learned);

    public void TicketIssued() => Interlocked.Increment(ref _issued);

    public void TicketWithheld() => Interlocked.Increment(ref _withheld);

    public void TicketsRefused(int cookies) => Interlocked.Add(ref _refused, cookies);

    public void TicketExpired() => Interlocked.Increment(ref _expired);

    public void TicketOfEnded() => Interlocked.Increment(ref _ofEnded);

    public void SessionEnded() => Interlocked.Increment(ref _ended);

    public void SessionAdopted() => Interlocked.Increment(ref _adopted);

    public void SessionRebound(MoveReason reason) => Interlocked.Increment(ref _rebound[(int)reason]);

    public void SessionsRebound(MoveReason reason, int sessions) => Interlocked.Add(ref _rebound[(int)reason], sessions);

    public void SessionReboundAlone() => Interlocked.Increment(ref _reboundAlone);

    public void TicketKeyUnknown() => Interlocked.Increment(ref _keyUnknown);

    public void SignerChanged() => Interlocked.Increment(ref _signerChanges);
}

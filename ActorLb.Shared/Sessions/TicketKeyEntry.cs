namespace ActorLb.Shared.Sessions;

/// <summary>A key of the shared ring and what the nodes agreed on about it. Every field only grows, so that entries merge in any order.</summary>
/// <param name="Turn">Its place in the succession of signers; 0 for keys from before there was one.</param>
/// <param name="Signs">Set when all members held it: from then on it may sign.</param>
/// <param name="SignedAt">When somebody was last known to sign with it, milliseconds since 1970, at most one refresh interval behind; 0 is not known.</param>
public sealed record TicketKeyEntry(TicketKey Key, uint Turn, bool Signs, long SignedAt)
{
    /// <summary>The later turn; with equal ones the older key, as it was before there were turns.</summary>
    public bool Outranks(TicketKeyEntry other) =>
        Turn != other.Turn ? Turn > other.Turn : TicketKey.CompareByAge(Key, other.Key) < 0;

    /// <summary>What both say of the same key.</summary>
    public TicketKeyEntry Merge(TicketKeyEntry other) => this with
    {
        Turn = Math.Max(Turn, other.Turn),
        Signs = Signs || other.Signs,
        SignedAt = Math.Max(SignedAt, other.SignedAt),
    };
}

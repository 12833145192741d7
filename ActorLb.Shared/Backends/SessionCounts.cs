namespace ActorLb.Shared.Backends;

/// <summary>What became of sessions at one backend, as this node saw it. Monotonic; any thread.</summary>
public sealed class SessionCounts
{
    /// <summary>How many kinds of events there are.</summary>
    public const int Kinds = (int)SessionEvent.Ended + 1;

    private readonly long[] _counts = new long[Kinds];

    public long this[SessionEvent what] => Interlocked.Read(ref _counts[(int)what]);

    public void Count(SessionEvent what, int sessions = 1) => Interlocked.Add(ref _counts[(int)what], sessions);

    /// <summary>One for each <see cref="SessionEvent"/>; null where nothing was counted yet.</summary>
    public long[]? Totals()
    {
        long[]? totals = null;
        for (int i = 0; i < Kinds; i++)
        {
            if (Interlocked.Read(ref _counts[i]) is var count and > 0)
            {
                totals ??= new long[Kinds];
                totals[i] = count;
            }
        }

        return totals;
    }
}

/// <summary>What can become of a session. The numbers are on the wire: new ones are added at the end.</summary>
public enum SessionEvent : byte
{
    /// <summary>A client was given its first ticket.</summary>
    Began,

    /// <summary>A client came back with a ticket, and the session was taken into the table.</summary>
    Adopted,

    /// <summary>It left because its backend was down; the reasons are those of MoveReason, in its order.</summary>
    MovedDown,
    MovedInMaintenance,
    MovedByDrain,
    MovedByRemoval,
    MovedUnreachable,
    MovedByOperator,

    /// <summary>Nobody used it for idle-timeout, and its owner forgot it.</summary>
    Expired,

    /// <summary>An operator ended it.</summary>
    Ended,
}

namespace ActorLb.Engine.Sessions;

/// <summary>
/// The sessions of one pool that first requests of one address and agent share for a while, over whichever connections they come
/// to this node. Direct-mapped and of fixed size: a newcomer overwrites. Any thread.
/// </summary>
/// <param name="window">affinity.first-burst: from its first request on.</param>
internal sealed class FirstSessions(TimeSpan window)
{
    private const int Slots = 4096;

    private readonly Slot?[] _slots = new Slot?[Slots];

    /// <param name="now">Milliseconds of any clock that goes on.</param>
    public FirstSession Of(UInt128 asker, long now)
    {
        ref Slot? slot = ref _slots[(int)((ulong)asker & (Slots - 1))];
        while (true)
        {
            Slot? found = Volatile.Read(ref slot);
            if (found is not null && found.Asker == asker && now < found.Until)
            {
                return found.Session;
            }

            var fresh = new Slot(asker, now + (long)window.TotalMilliseconds, new FirstSession());
            if (ReferenceEquals(Interlocked.CompareExchange(ref slot, fresh, found), found))
            {
                return fresh.Session;
            }
        }
    }

    private sealed record Slot(UInt128 Asker, long Until, FirstSession Session);
}

using ActorLb.Shared.Sessions;

namespace ActorLb.Engine.Sessions;

/// <summary>
/// Sessions that their owners did not know a moment ago: a cookie that another application set comes with every request, and
/// is not asked for with every one. Direct-mapped and of fixed size: a newcomer overwrites. Any thread may call it.
/// </summary>
/// <param name="slots">A power of two, at most <see cref="Most"/>.</param>
internal sealed class UnknownValues(int slots)
{
    /// <summary>Seconds: whoever begins to be known meanwhile is told to the nodes.</summary>
    public const uint Lifetime = 2;

    /// <summary>More than come in so short a time; 32 KiB.</summary>
    public const int Most = 4096;

    private readonly ulong[] _slots = new ulong[slots];

    public bool Contains(SessionId id, uint now)
    {
        ulong slot = Volatile.Read(ref Slot(id));
        return slot >> 32 == Mark(id) && now - (uint)slot <= Lifetime;
    }

    public void Add(SessionId id, uint now) => Volatile.Write(ref Slot(id), (Mark(id) << 32) | now);

    public void Remove(SessionId id)
    {
        ref ulong slot = ref Slot(id);
        ulong found = Volatile.Read(ref slot);
        if (found >> 32 == Mark(id))
        {
            Interlocked.CompareExchange(ref slot, 0, found);
        }
    }

    private ref ulong Slot(SessionId id) => ref _slots[(int)(id.Low & (ulong)(_slots.Length - 1))];

    // Ids are hashes: any bits of one are as good as any others.
    private static ulong Mark(SessionId id) => (id.Low >> 32) | 1;
}

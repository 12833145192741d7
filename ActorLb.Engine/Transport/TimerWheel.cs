using System.Numerics;

namespace ActorLb.Engine.Transport;

/// <summary>
/// Deadlines of one loop, by time slots (Varghese and Lauck, hashed timing wheels, 1987). Postponing a deadline is a
/// write of one field: the entry is looked at when its old slot comes, and moved then. So a kept-alive connection costs
/// nothing per request.
/// </summary>
internal sealed class TimerWheel
{
    public const long Never = long.MaxValue;

    /// <summary>Nothing is due earlier than its time, and later by at most this.</summary>
    public const int TickMilliseconds = 16;

    private const int SlotCount = 2048;
    private const int WordBits = 64;

    private readonly TimedEntry?[] _slots = new TimedEntry?[SlotCount];

    // One bit per slot that holds something.
    private readonly ulong[] _filled = new ulong[SlotCount / WordBits];

    private long _tick;

    /// <param name="now">Milliseconds; the wheel begins here.</param>
    public TimerWheel(long now) => _tick = now / TickMilliseconds;

    /// <summary>Sets or moves the entry's deadline.</summary>
    /// <param name="dueAt">Milliseconds, or <see cref="Never"/>.</param>
    public void Set(TimedEntry entry, long dueAt)
    {
        entry.DueAt = dueAt;
        if (dueAt == Never)
        {
            return;
        }

        long tick = TickFor(dueAt);
        if (entry.Tick >= 0)
        {
            if (entry.Tick <= tick)
            {
                return;
            }

            Unlink(entry);
        }

        Link(entry, tick);
    }

    /// <summary>Forgets the entry altogether.</summary>
    public void Remove(TimedEntry entry)
    {
        entry.DueAt = Never;
        if (entry.Tick >= 0)
        {
            Unlink(entry);
        }
    }

    /// <summary>Tells everybody whose time is over. They may set and remove deadlines meanwhile.</summary>
    /// <param name="faults">Hears of who threw; the others are told all the same.</param>
    public void Advance(long now, Action<TimedEntry, Exception> faults)
    {
        long target = now / TickMilliseconds;

        // After a long pause every slot is looked at once.
        _tick = Math.Max(_tick, target - SlotCount);
        while (_tick < target)
        {
            _tick++;
            ref TimedEntry? slot = ref _slots[_tick & (SlotCount - 1)];
            while (slot is { } entry)
            {
                Unlink(entry);
                if (entry.DueAt <= now)
                {
                    entry.DueAt = Never;
                    try
                    {
                        entry.OnDue();
                    }
                    catch (Exception e)
                    {
                        faults(entry, e);
                    }
                }
                else if (entry.DueAt != Never)
                {
                    Link(entry, TickFor(entry.DueAt));
                }
            }
        }
    }

    /// <summary>Milliseconds until something is to be looked at; -1 where nothing is.</summary>
    public int Delay(long now)
    {
        int start = (int)((_tick + 1) & (SlotCount - 1));
        int word = start / WordBits;
        ulong bits = _filled[word] & (ulong.MaxValue << (start % WordBits));
        for (int looked = 0; looked <= _filled.Length; looked++)
        {
            if (bits != 0)
            {
                int slot = (word * WordBits) + BitOperations.TrailingZeroCount(bits);
                long tick = _tick + 1 + ((slot - start) & (SlotCount - 1));
                return (int)Math.Max(0, (tick * TickMilliseconds) - now);
            }

            word = (word + 1) % _filled.Length;
            bits = _filled[word];
        }

        return -1;
    }

    private long TickFor(long dueAt)
    {
        long tick = (dueAt + TickMilliseconds - 1) / TickMilliseconds;
        return Math.Clamp(tick, _tick + 1, _tick + SlotCount - 1);
    }

    private void Link(TimedEntry entry, long tick)
    {
        int index = (int)(tick & (SlotCount - 1));
        ref TimedEntry? slot = ref _slots[index];
        entry.Tick = tick;
        entry.Next = slot;
        if (slot is not null)
        {
            slot.Previous = entry;
        }

        slot = entry;
        _filled[index / WordBits] |= 1UL << (index % WordBits);
    }

    private void Unlink(TimedEntry entry)
    {
        int index = (int)(entry.Tick & (SlotCount - 1));
        if (entry.Next is not null)
        {
            entry.Next.Previous = entry.Previous;
        }

        if (entry.Previous is not null)
        {
            entry.Previous.Next = entry.Next;
        }
        else
        {
            _slots[index] = entry.Next;
            if (entry.Next is null)
            {
                _filled[index / WordBits] &= ~(1UL << (index % WordBits));
            }
        }

        entry.Next = null;
        entry.Previous = null;
        entry.Tick = -1;
    }
}

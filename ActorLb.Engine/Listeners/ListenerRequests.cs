using ActorLb.Engine.Measurements;

namespace ActorLb.Engine.Listeners;

/// <summary>How many requests came by one listener and are over, by class of status, and how many of them failed. A line of the cache for each slot: any thread, each by its own.</summary>
public sealed class ListenerRequests
{
    /// <summary>In front and behind, so that the next slot's are on another line of the cache.</summary>
    private const int Padding = 8;

    private readonly Lock _making = new();

    /// <summary>Where failures are, behind the classes of status.</summary>
    private const int FailuresAt = Padding + RequestFigures.StatusClasses;

    private const int Counts = RequestFigures.StatusClasses + 1;

    // By the slots' numbers; replaced whole where it gets longer.
    private long[]?[] _slots = [];

    /// <summary>All of them.</summary>
    public long Count => Enumerable.Range(0, RequestFigures.StatusClasses).Sum(CountOf);

    /// <param name="statusClass">1 to 5; 0: there is no such status.</param>
    public long CountOf(int statusClass) => Sum(Padding + statusClass);

    /// <inheritdoc cref="RequestFigures.Failures"/>
    public long Failures => Sum(FailuresAt);

    internal void Record(MeasuringSlot slot, in FinishedRequest request)
    {
        long[]?[] slots = Volatile.Read(ref _slots);
        long[] counts = slot.Number < slots.Length && Volatile.Read(ref slots[slot.Number]) is { } known ? known : Make(slot.Number);
        Add(slot, ref counts[Padding + RequestFigures.ClassOf(request.Status)]);
        if (request.HasFailed)
        {
            Add(slot, ref counts[FailuresAt]);
        }
    }

    private static void Add(MeasuringSlot slot, ref long count)
    {
        if (slot.IsShared)
        {
            Interlocked.Increment(ref count);
        }
        else
        {
            Volatile.Write(ref count, count + 1);
        }
    }

    private long Sum(int at)
    {
        long sum = 0;
        foreach (long[]? counts in Volatile.Read(ref _slots))
        {
            sum += counts is null ? 0 : Volatile.Read(ref counts[at]);
        }

        return sum;
    }

    private long[] Make(int slot)
    {
        lock (_making)
        {
            if (_slots.Length <= slot)
            {
                var longer = new long[]?[slot + 1];
                _slots.CopyTo(longer, 0);
                Volatile.Write(ref _slots, longer);
            }

            return _slots[slot] ??= new long[Padding + Counts + Padding];
        }
    }
}

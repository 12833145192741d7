namespace ActorLb.Shared.Backends;

/// <summary>
/// The places that one backend has for this node's requests, and the queue of those that wait for one, first come first
/// served. Exact: a place is handed over, never lost and never given twice. Any thread; nothing blocks on a request.
/// </summary>
/// <remarks>
/// Who is in and who waits are two halves of one word, so that whoever leaves sees who queues in the same moment, or
/// is seen by them. Entering and leaving are one atomic step each; only the queue itself has a lock.
/// </remarks>
public sealed class BackendGate
{
    private const int WaitingShift = 32;
    private const long OneWaiting = 1L << WaitingShift;
    private const long OneInside = 1;

    private readonly Lock _queue = new();
    private GateWaiter? _first;
    private GateWaiter? _last;
    private long _state;
    private volatile int _limit;

    /// <summary>Places taken now.</summary>
    public int Inside => InsideOf(Volatile.Read(ref _state));

    public int Waiting => WaitingOf(Volatile.Read(ref _state));

    /// <summary>When the one who has waited longest began to; null: nobody waits.</summary>
    public long? WaitingSince
    {
        get
        {
            lock (_queue)
            {
                return _first?.QueuedAt;
            }
        }
    }

    /// <summary>Places taken, and those who wait for one, at the same moment.</summary>
    public int Load
    {
        get
        {
            long seen = Volatile.Read(ref _state);
            return InsideOf(seen) + WaitingOf(seen);
        }
    }

    /// <summary>Takes a place where there is one and nobody waits for it. Every true asks for one <see cref="Leave"/>.</summary>
    /// <param name="limit">How many places there are; 0 is no limit.</param>
    public bool TryEnter(int limit)
    {
        if (_limit != limit)
        {
            _limit = limit;
        }

        long seen = Volatile.Read(ref _state);
        while (limit <= 0 || (InsideOf(seen) < limit && WaitingOf(seen) == 0))
        {
            long before = Interlocked.CompareExchange(ref _state, seen + OneInside, seen);
            if (before == seen)
            {
                return true;
            }

            seen = before;
        }

        return false;
    }

    /// <summary>Gives a place back: to who has waited longest, where somebody waits.</summary>
    public void Leave()
    {
        if (WaitingOf(Interlocked.Add(ref _state, -OneInside)) > 0)
        {
            AdmitWaiting();
        }
    }

    /// <summary>
    /// Waits for a place after <see cref="TryEnter"/> found none; false where so many wait already. A waiter that was
    /// taken in is admitted once, unless it is abandoned before.
    /// </summary>
    /// <param name="length">How many may wait; 0 lets nobody wait.</param>
    /// <exception cref="InvalidOperationException">The waiter is in a queue.</exception>
    public bool TryQueue(GateWaiter waiter, int length)
    {
        long state;
        lock (_queue)
        {
            if (waiter.Gate is not null)
            {
                throw new InvalidOperationException("the waiter waits already");
            }

            if (WaitingOf(Volatile.Read(ref _state)) >= length)
            {
                return false;
            }

            Append(waiter);
            state = Interlocked.Add(ref _state, OneWaiting);
        }

        // All who were in may have left since TryEnter said no, and nobody else would come by to admit this one.
        if (HasRoom(state))
        {
            AdmitWaiting();
        }

        return true;
    }

    /// <summary>Takes a waiter out of the queue. False where it was admitted meanwhile: then it has a place, and must leave.</summary>
    public bool Abandon(GateWaiter waiter)
    {
        lock (_queue)
        {
            if (waiter.Gate != this)
            {
                return false;
            }

            Remove(waiter);
            Interlocked.Add(ref _state, -OneWaiting);
            return true;
        }
    }

    private void AdmitWaiting()
    {
        while (TakeFirst() is { } waiter)
        {
            waiter.OnAdmitted();
        }
    }

    /// <summary>The first in the queue, with a place; null where nobody waits or nothing is free.</summary>
    private GateWaiter? TakeFirst()
    {
        lock (_queue)
        {
            long seen = Volatile.Read(ref _state);
            while (_first is not null && HasRoom(seen))
            {
                long before = Interlocked.CompareExchange(ref _state, seen - OneWaiting + OneInside, seen);
                if (before == seen)
                {
                    GateWaiter first = _first;
                    Remove(first);
                    return first;
                }

                seen = before;
            }

            return null;
        }
    }

    private bool HasRoom(long state)
    {
        int limit = _limit;
        return limit <= 0 || InsideOf(state) < limit;
    }

    private void Append(GateWaiter waiter)
    {
        waiter.Gate = this;
        waiter.Before = _last;
        if (_last is null)
        {
            _first = waiter;
        }
        else
        {
            _last.After = waiter;
        }

        _last = waiter;
    }

    private void Remove(GateWaiter waiter)
    {
        if (waiter.Before is null)
        {
            _first = waiter.After;
        }
        else
        {
            waiter.Before.After = waiter.After;
        }

        if (waiter.After is null)
        {
            _last = waiter.Before;
        }
        else
        {
            waiter.After.Before = waiter.Before;
        }

        waiter.Gate = null;
        waiter.Before = null;
        waiter.After = null;
    }

    private static int InsideOf(long state) => (int)state;

    private static int WaitingOf(long state) => (int)(state >> WaitingShift);
}

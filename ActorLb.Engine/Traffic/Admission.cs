using ActorLb.Engine.Routing;
using ActorLb.Shared.Backends;
using ActorLb.Shared.Sessions;

namespace ActorLb.Engine.Traffic;

/// <summary>
/// Finds a request its place at a backend, after the director has assigned it; both lanes ask it. A session has its own
/// backend and no other; a new one takes further turns while those that it gets are full. Never waits.
/// </summary>
/// <remarks>Where a place was taken, the lane calls <see cref="BackendGate.Leave"/> of the backend once its attempt is over.</remarks>
internal static class Admission
{
    /// <summary>Takes a place at the assigned backend, or for a new session at the next in turn that has one.</summary>
    /// <param name="assignment">Names another backend afterwards where the request goes there; its backend is not null.</param>
    /// <param name="failed">A backend that this request has just failed at.</param>
    public static bool TryEnter(ref Assignment assignment, BackendKey failed) =>
        Enter(assignment.Backend!) || (!assignment.IsBound && TryElsewhere(ref assignment, failed, null));

    /// <summary>
    /// Lets the request wait at the assigned backend after <see cref="TryEnter"/> found no place; a new session at the next in the turns of those who
    /// wait, and where that queue is full, at another. The place is that of the backend that is named afterwards.
    /// </summary>
    public static bool TryQueue(ref Assignment assignment, BackendKey failed, GateWaiter waiter)
    {
        BackendSnapshot assigned = assignment.Backend!;
        PoolSnapshot pool = assignment.Pool;
        if ((!assignment.IsBound
                && pool.Policy.Next(pool.Cursor.OfWaiters, assignment.Key, before: -1) is >= 0 and var place
                && TryAt(pool.Backends[place], ref assignment, failed, waiter))
            || Queue(assigned, pool, waiter)
            || (!assignment.IsBound && TryElsewhere(ref assignment, failed, waiter)))
        {
            return true;
        }

        assigned.Traffic.QueueWasFull();
        return false;
    }

    private static bool TryElsewhere(ref Assignment assignment, BackendKey failed, GateWaiter? waiter)
    {
        foreach (BackendSnapshot backend in new TurnsOfRequest(assignment.Pool, assignment.Key))
        {
            if (TryAt(backend, ref assignment, failed, waiter))
            {
                return true;
            }
        }

        return false;
    }

    private static bool TryAt(BackendSnapshot backend, ref Assignment assignment, BackendKey failed, GateWaiter? waiter)
    {
        bool found = backend is { TakesNewSessions: true, Traffic.IsEjected: false }
            && backend.Key != failed
            && (waiter is null ? Enter(backend) : Queue(backend, assignment.Pool, waiter));
        if (found)
        {
            Binding binding = assignment.Binding;
            assignment = assignment with
            {
                Backend = backend,
                Binding = binding.Backend == BackendKey.None ? binding : binding with { Backend = backend.Key },
            };
        }

        return found;
    }

    private static bool Enter(BackendSnapshot backend) => backend.Traffic.Gate.TryEnter(backend.MaxConnections);

    private static bool Queue(BackendSnapshot backend, PoolSnapshot pool, GateWaiter waiter) =>
        backend.Traffic.Gate.TryQueue(waiter, pool.Settings.Queue.Length);
}

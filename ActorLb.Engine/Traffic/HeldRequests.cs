using ActorLb.Engine.Routing;
using ActorLb.Shared.Backends;

namespace ActorLb.Engine.Traffic;

/// <summary>
/// Lets requests of bound sessions wait while this node cannot reach their backend: for its verdict, which moves them, or for
/// the next try to connect. Each wait ends with connect-timeout, and only so many wait at a time.
/// </summary>
internal sealed class HeldRequests(DataPlane plane)
{
    private int _held;

    private TimeSpan Limit => plane.Topology.Limits.ConnectTimeout;

    /// <summary>After a connect that failed at once: the next one after a pause, unless the verdict comes before.</summary>
    /// <param name="hold">With that failure.</param>
    public ValueTask<HoldEnd> AfterRefusalAsync(PoolSnapshot pool, BackendSnapshot backend, in Hold hold, CancellationToken cancellation)
    {
        TimeSpan left = hold.Since is { } since ? Limit - plane.Time.GetElapsedTime(since) : Limit;
        return hold.Pause < left
            ? HoldAsync(pool, backend, hold.Pause, long.MaxValue, HoldEnd.TryAgain, cancellation)
            : HoldAsync(pool, backend, left, long.MaxValue, HoldEnd.Unreached, cancellation);
    }

    /// <summary>After a connect that timed out: for the verdict that was asked for. Connects again once the backend is said to be up.</summary>
    /// <param name="hold">With that failure.</param>
    public ValueTask<HoldEnd> AfterTimeoutAsync(PoolSnapshot pool, BackendSnapshot backend, in Hold hold, CancellationToken cancellation) =>
        hold.HasTimedOut
            ? HoldAsync(pool, backend, TimeSpan.Zero, long.MaxValue, HoldEnd.Unreached, cancellation)
            : HoldAsync(pool, backend, Limit, plane.Time.GetTimestamp(), HoldEnd.Unreached, cancellation);

    /// <summary>Before the first connect to a backend at which those of others timed out: for the same verdict, and then connects once.</summary>
    public ValueTask<HoldEnd> BeforeConnectAsync(PoolSnapshot pool, BackendSnapshot backend, CancellationToken cancellation) =>
        HoldAsync(pool, backend, Limit, backend.Traffic.SilentSince, HoldEnd.TryAgain, cancellation);

    /// <param name="limit">From now on.</param>
    /// <param name="asked">A verdict "up" that comes after this timestamp ends it, too: connect again.</param>
    /// <param name="otherwise">How it ends when the time is over.</param>
    private async ValueTask<HoldEnd> HoldAsync(
        PoolSnapshot pool, BackendSnapshot backend, TimeSpan limit, long asked, HoldEnd otherwise, CancellationToken cancellation)
    {
        BackendTraffic traffic = backend.Traffic;
        ChangeSignal? changes = plane.Changes.GetValueOrDefault(pool.Name);
        long began = plane.Time.GetTimestamp();
        int held = Interlocked.Increment(ref _held);
        bool hasPlace = plane.Topology.Limits.HeldRequestsMax is var most && (most == 0 || held <= most);
        traffic.HoldBegan();
        try
        {
            while (true)
            {
                Task? next = changes?.Next;
                if (plane.Now(pool).Find(backend.Key) is not { KeepsSessions: true, Health: not BackendHealth.Down })
                {
                    return HoldEnd.Gone;
                }

                if (traffic.ConfirmedAt > asked)
                {
                    return HoldEnd.TryAgain;
                }

                TimeSpan left = limit - plane.Time.GetElapsedTime(began);
                if (left <= TimeSpan.Zero)
                {
                    return otherwise == HoldEnd.Unreached && plane.IsCutOff ? HoldEnd.CutOff : otherwise;
                }

                if (!hasPlace || next is null)
                {
                    traffic.HoldRefused();
                    return HoldEnd.Unreached;
                }

                await next.WaitAsync(left, plane.Time, cancellation).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                cancellation.ThrowIfCancellationRequested();
            }
        }
        finally
        {
            traffic.HoldEnded();
            Interlocked.Decrement(ref _held);
        }
    }
}

/// <summary>How a wait for a session's backend ended.</summary>
internal enum HoldEnd : byte
{
    /// <summary>Connect: the backend may be there.</summary>
    TryAgain,

    /// <summary>The verdict, or the operator, took the backend from its sessions.</summary>
    Gone,

    /// <summary>The backend is up for all that is known, and this node does not reach it.</summary>
    Unreached,

    /// <summary>This node reaches nobody: that says nothing about the backend, and where it would move a session to it does not see.</summary>
    CutOff,
}

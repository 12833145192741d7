using System.Diagnostics;
using ActorLb.Engine;
using ActorLb.Engine.Routing;
using ActorLb.Node.Routing;
using ActorLb.Shared.Backends;

namespace ActorLb.Bench.Routing;

/// <summary>Does with one pool what its router does at each event, and measures it.</summary>
internal sealed class PublishedPool(DataPlane plane, string pool)
{
    private PoolState _state = PoolState.From(plane.Routing.Pools[pool]);

    public DateTimeOffset Now { get; private set; } = DateTimeOffset.UnixEpoch.AddDays(20_000);

    public IEnumerable<string> Ids => _state.Settings.Backends.Select(b => b.Id);

    /// <summary>All are, and have been for long.</summary>
    public void AllUp()
    {
        foreach (string id in Ids)
        {
            _state = _state.WithHealth(id, BackendHealth.Up, Now);
        }

        Now += _state.Settings.SlowStart;
        Change(s => s);
    }

    /// <summary>One begins its slow start.</summary>
    public void Recover(string id)
    {
        Now += _state.Settings.SlowStart;
        Change(s => s.WithHealth(id, BackendHealth.Down, Now).WithHealth(id, BackendHealth.Up, Now));
    }

    /// <summary>Goes on to the next step of whoever is in his slow start; false: nobody is.</summary>
    public bool NextStep()
    {
        DateTimeOffset? next = _state.NextChange(Now);
        Now = next ?? Now;
        return next is not null;
    }

    /// <summary>An event, and what the router does with it.</summary>
    /// <exception cref="InvalidOperationException">Nothing changed.</exception>
    public (double Ms, long Bytes) Change(Func<PoolState, PoolState> change)
    {
        RoutingSnapshot before = plane.Routing;
        long allocated = GC.GetAllocatedBytesForCurrentThread();
        long began = Stopwatch.GetTimestamp();
        _state = change(_state);
        PoolSnapshot published = plane.Routing.Pools[pool];
        PoolSnapshot next = _state.Snapshot(published, plane.Traffic, Now);
        if (!ReferenceEquals(next, published))
        {
            plane.Publish(next);
        }

        _ = _state.IsJudged;
        _ = _state.NextChange(Now);
        double ms = Stopwatch.GetElapsedTime(began).TotalMilliseconds;
        allocated = GC.GetAllocatedBytesForCurrentThread() - allocated;
        return ReferenceEquals(before, plane.Routing)
            ? throw new InvalidOperationException("nothing was published")
            : (ms, allocated);
    }
}

using ActorLb.Engine;
using ActorLb.Engine.Routing;
using ActorLb.Shared.Backends;
using Microsoft.Extensions.Logging;

namespace ActorLb.Node.Health;

/// <summary>
/// Tells the operator of requests that bounds of their pool turned away: not tried again because the budget was spent, or not taken
/// into a queue, or not out of it in time. A line per pool or backend and interval, with their number.
/// </summary>
internal sealed class RefusalsLog(DataPlane plane, ILogger logger)
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(5);

    private Dictionary<BackendName, Told> _told = [];

    public void Tell(TimeSpan now)
    {
        var told = new Dictionary<BackendName, Told>();
        foreach (PoolSnapshot pool in plane.Routing.Pools.Values)
        {
            var name = new BackendName(pool.Name, "");
            told[name] = TellRetries(pool, _told.GetValueOrDefault(name), now);
            foreach (BackendSnapshot backend in pool.Backends)
            {
                name = new BackendName(pool.Name, backend.Id);
                told[name] = TellQueue(name, backend.Traffic, _told.GetValueOrDefault(name), now);
            }
        }

        // Of what is gone nothing is kept.
        _told = told;
    }

    private Told TellRetries(PoolSnapshot pool, Told told, TimeSpan now)
    {
        long refused = pool.Retries.Refused;
        if (refused <= told.First || now < told.DueAt)
        {
            return told;
        }

        Log.RetryBudgetSpent(logger, refused - told.First, pool.Name, pool.Settings.Retry.BudgetPercent);
        return new Told(refused, 0, now + Interval);
    }

    private Told TellQueue(BackendName name, BackendTraffic traffic, Told told, TimeSpan now)
    {
        long refused = traffic.QueueRefusals;
        long timedOut = traffic.QueueTimeouts;
        if ((refused <= told.First && timedOut <= told.Second) || now < told.DueAt)
        {
            return told;
        }

        Log.QueueOverrun(logger, refused - told.First + timedOut - told.Second, name, refused - told.First, timedOut - told.Second);
        return new Told(refused, timedOut, now + Interval);
    }

    /// <param name="DueAt">Before that nothing more is told.</param>
    private readonly record struct Told(long First, long Second, TimeSpan DueAt);
}

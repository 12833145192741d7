using System.Collections.Concurrent;
using System.Collections.Immutable;
using ActorLb.Engine.Traffic;
using ActorLb.Shared.Backends;
using ActorLb.Shared.Routing;
using ActorLb.Shared.Settings;

namespace ActorLb.Engine.Health;

/// <summary>
/// Learns from real requests: too many failures within a window open this node's circuit to a backend at once, long
/// before the next probe. Both lanes report every attempt; a success costs a comparison. Counts nothing in
/// <see cref="BackendTraffic"/>, which the lanes keep themselves.
/// </summary>
public sealed class PassiveHealth
{
    private readonly DataPlane _plane;
    private readonly ConcurrentDictionary<BackendName, FailureWindow> _windows = new();

    public PassiveHealth(DataPlane plane) => _plane = plane;

    /// <summary>Tells how one attempt ended. Never throws, never waits for anybody but another failure of the same backend.</summary>
    /// <param name="status">The backend's status, where it answered.</param>
    public void Report(BackendSnapshot backend, PoolSettings pool, RequestOutcome outcome, int status = 0)
    {
        if (IsFailure(pool.Health.Passive, outcome, status) && !backend.Traffic.CircuitOpen)
        {
            Fail(backend, pool);
        }
    }

    /// <summary>
    /// What speaks against the backend. A timeout or a broken answer may be the request's own doing, and one slow page
    /// must not take a server from everybody.
    /// </summary>
    public static bool IsFailure(PassiveSettings settings, RequestOutcome outcome, int status) => outcome switch
    {
        RequestOutcome.Answered => Counts(settings.Statuses, status),
        RequestOutcome.ConnectFailed or RequestOutcome.ResetBeforeResponse or RequestOutcome.InvalidResponse => true,
        _ => false,
    };

    private static bool Counts(ImmutableArray<StatusRange> statuses, int status)
    {
        foreach (StatusRange range in statuses)
        {
            if (range.Contains(status))
            {
                return true;
            }
        }

        return false;
    }

    private void Fail(BackendSnapshot backend, PoolSettings pool)
    {
        PassiveSettings settings = pool.Health.Passive;
        if (settings.Failures <= 0)
        {
            return;
        }

        var name = new BackendName(pool.Name, backend.Id);
        FailureWindow window = _windows.GetOrAdd(name, _ => new FailureWindow(settings.Failures, Ticks(settings.Window)));
        if (window.Failed(_plane.Time.GetTimestamp()))
        {
            // Open before telling: who hears of it finds it open.
            backend.Traffic.OpenCircuit();
            _plane.Circuits.Offer(name);
        }
    }

    private long Ticks(TimeSpan window) => (long)(window.TotalSeconds * _plane.Time.TimestampFrequency);
}

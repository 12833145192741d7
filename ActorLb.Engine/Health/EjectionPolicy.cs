using ActorLb.Engine.Routing;
using ActorLb.Shared.Backends;

namespace ActorLb.Engine.Health;

/// <summary>How many of a pool's backends open circuits may take new sessions from: what fails at many of them may be no fault of theirs.</summary>
internal static class EjectionPolicy
{
    /// <summary>Whether another one may be ejected.</summary>
    /// <param name="percent">Of those that would take new sessions if no circuit were open: rounded down, and at least one unless it is 0.</param>
    public static bool Allows(PoolSnapshot pool, int percent)
    {
        int ejected = 0;
        int all = 0;
        foreach (BackendSnapshot backend in pool.Backends)
        {
            bool isEjected = backend is { Traffic.IsEjected: true, Operator: OperatorState.Ready, Health: not BackendHealth.Down };
            ejected += isEjected ? 1 : 0;
            all += isEjected || backend.TakesNewSessions ? 1 : 0;
        }

        return percent > 0 && ejected < Math.Max(1, all * percent / 100);
    }
}

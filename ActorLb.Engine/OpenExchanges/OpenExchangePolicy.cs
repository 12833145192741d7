using ActorLb.Engine.Failures;
using ActorLb.Shared.Backends;
using ActorLb.Shared.Settings;

namespace ActorLb.Engine.OpenExchanges;

/// <summary>
/// Whether an exchange that is open for long may stay where it is: a session moves as a whole, and what an operator ended
/// ends. Pure; asked again and again, so that it does not matter what was changed, where and in which order.
/// </summary>
internal static class OpenExchangePolicy
{
    /// <summary>Why it is closed; None: it stays.</summary>
    public static FailureReason WhyClosed(in OpenExchangeFacts facts)
    {
        if (facts.Backend is not { } backend)
        {
            return FailureReason.BackendRemoved;
        }

        if (backend.Operator == OperatorState.Maintenance)
        {
            return FailureReason.BackendInMaintenance;
        }

        if (backend.DrainOver)
        {
            return FailureReason.BackendDrained;
        }

        // An answer ends by itself, at the old backend as well as it can.
        if (facts.Kind == ExchangeKind.Answer)
        {
            return FailureReason.None;
        }

        if (facts.HasEnded)
        {
            return FailureReason.SessionEnded;
        }

        // Another node may have moved the session because it alone could not connect: what works here stays.
        if (facts.HasMoved && (facts.IsOrdered || backend is not { Health: BackendHealth.Up, Operator: OperatorState.Ready }))
        {
            return FailureReason.SessionMoved;
        }

        if (backend.Health == BackendHealth.Down && facts.WhenDown == WhenDown.CloseTunnels)
        {
            return FailureReason.BackendDown;
        }

        return facts.NodeStops ? FailureReason.NodeStopping : FailureReason.None;
    }
}

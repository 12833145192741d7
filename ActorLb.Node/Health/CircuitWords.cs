using ActorLb.Shared.Backends;

namespace ActorLb.Node.Health;

/// <summary>Why a circuit is open, for the log and for status.</summary>
internal static class CircuitWords
{
    public static string Of(CircuitReason reason) => reason switch
    {
        CircuitReason.ConnectsTimedOut => "connects timed out",
        CircuitReason.Statuses => "statuses that count as failures",
        _ => "connects failed",
    };
}

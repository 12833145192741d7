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

    /// <summary>The same for a label of a metric.</summary>
    public static string Label(CircuitReason reason) => reason switch
    {
        CircuitReason.ConnectsTimedOut => "connect-timeout",
        CircuitReason.Statuses => "status",
        _ => "connect-failed",
    };
}

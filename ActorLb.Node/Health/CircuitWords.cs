using ActorLb.Node.Configuration.Formats;
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

    /// <summary>How long it is open.</summary>
    public static string Until(OpenedCircuit circuit) => circuit.AtLeast == TimeSpan.Zero
        ? "until probes pass"
        : $"for {Durations.Write(circuit.AtLeast)} at least, and then until probes pass";

    /// <summary>The same for a label of a metric.</summary>
    public static string Label(CircuitReason reason) => reason switch
    {
        CircuitReason.ConnectsTimedOut => "connect-timeout",
        CircuitReason.Statuses => "status",
        _ => "connect-failed",
    };
}

using System.Collections.Frozen;
using System.Collections.Immutable;

namespace ActorLb.Node.Events;

/// <summary>Each kind with its name on the wire, in the API and in webhooks, and how much an operator should mind it.</summary>
internal static class EventKinds
{
    /// <param name="IsLogged">What causes it writes a line to the log itself, so that the event needs none.</param>
    internal sealed record Row(EventKind Kind, string Name, EventSeverity Severity, bool IsLogged);

    /// <summary>In the order of the enum.</summary>
    public static readonly ImmutableArray<Row> All =
    [
        new(EventKind.NodeReady, "node.ready", EventSeverity.Info, IsLogged: true),
        new(EventKind.NodeLeaving, "node.leaving", EventSeverity.Info, IsLogged: false),
        new(EventKind.NodeJoined, "node.joined", EventSeverity.Info, IsLogged: true),
        new(EventKind.NodeUnreachable, "node.unreachable", EventSeverity.Error, IsLogged: true),
        new(EventKind.NodeReachable, "node.reachable", EventSeverity.Info, IsLogged: true),
        new(EventKind.NodeRemoved, "node.removed", EventSeverity.Warning, IsLogged: true),
        new(EventKind.BackendUp, "backend.up", EventSeverity.Info, IsLogged: true),
        new(EventKind.BackendDown, "backend.down", EventSeverity.Error, IsLogged: true),
        new(EventKind.BackendDegraded, "backend.degraded", EventSeverity.Warning, IsLogged: false),
        new(EventKind.BackendFailing, "backend.failing", EventSeverity.Warning, IsLogged: false),
        new(EventKind.BackendFailingOver, "backend.failing-over", EventSeverity.Info, IsLogged: false),
        new(EventKind.BackendSlow, "backend.slow", EventSeverity.Warning, IsLogged: false),
        new(EventKind.BackendSlowOver, "backend.slow-over", EventSeverity.Info, IsLogged: false),
        new(EventKind.CircuitOpened, "circuit.opened", EventSeverity.Warning, IsLogged: true),
        new(EventKind.CircuitClosed, "circuit.closed", EventSeverity.Info, IsLogged: true),
        new(EventKind.OperatorDrain, "operator.drain", EventSeverity.Info, IsLogged: true),
        new(EventKind.OperatorMaintenance, "operator.maintenance", EventSeverity.Info, IsLogged: true),
        new(EventKind.OperatorReady, "operator.ready", EventSeverity.Info, IsLogged: true),
        new(EventKind.OperatorWeight, "operator.weight", EventSeverity.Info, IsLogged: true),
        new(EventKind.OperatorAdded, "operator.added", EventSeverity.Info, IsLogged: true),
        new(EventKind.OperatorRemoved, "operator.removed", EventSeverity.Info, IsLogged: true),
        new(EventKind.OperatorReset, "operator.reset", EventSeverity.Info, IsLogged: true),
        new(EventKind.DrainOver, "drain.over", EventSeverity.Info, IsLogged: false),
        new(EventKind.TopologyReloaded, "topology.reloaded", EventSeverity.Info, IsLogged: true),
        new(EventKind.TopologyRefused, "topology.refused", EventSeverity.Error, IsLogged: true),
        new(EventKind.TopologyApplied, "topology.applied", EventSeverity.Info, IsLogged: true),
        new(EventKind.TopologyRolledBack, "topology.rolled-back", EventSeverity.Info, IsLogged: true),
        new(EventKind.TopologyReleased, "topology.released", EventSeverity.Info, IsLogged: true),
        new(EventKind.TopologyDrift, "topology.drift", EventSeverity.Warning, IsLogged: true),
        new(EventKind.TopologyDriftOver, "topology.drift-over", EventSeverity.Info, IsLogged: true),
        new(EventKind.ListenerOpened, "listener.opened", EventSeverity.Info, IsLogged: true),
        new(EventKind.ListenerClosed, "listener.closed", EventSeverity.Info, IsLogged: false),
        new(EventKind.CertificateLoaded, "certificate.loaded", EventSeverity.Info, IsLogged: false),
        new(EventKind.CertificateRenewed, "certificate.renewed", EventSeverity.Info, IsLogged: true),
        new(EventKind.CertificateExpiring, "certificate.expiring", EventSeverity.Warning, IsLogged: false),
        new(EventKind.CertificateFailed, "certificate.failed", EventSeverity.Error, IsLogged: true),
        new(EventKind.LimitReached, "limit.reached", EventSeverity.Warning, IsLogged: false),
        new(EventKind.LimitOver, "limit.over", EventSeverity.Info, IsLogged: false),
        new(EventKind.StorageFailing, "storage.failing", EventSeverity.Error, IsLogged: true),
        new(EventKind.StorageRecovered, "storage.recovered", EventSeverity.Info, IsLogged: true),
        new(EventKind.KeysRotated, "keys.rotated", EventSeverity.Info, IsLogged: true),
        new(EventKind.SessionsMoved, "sessions.moved", EventSeverity.Info, IsLogged: false),
    ];

    private static readonly FrozenDictionary<string, Row> ByName = All.ToFrozenDictionary(r => r.Name);

    public static Row Of(EventKind kind) => All[(int)kind];

    public static bool TryFind(string name, out EventKind kind)
    {
        bool isKnown = ByName.TryGetValue(name, out Row? row);
        kind = row?.Kind ?? default;
        return isKnown;
    }

    public static string NameOf(EventSeverity severity) => severity switch
    {
        EventSeverity.Error => "error",
        EventSeverity.Warning => "warning",
        _ => "info",
    };
}

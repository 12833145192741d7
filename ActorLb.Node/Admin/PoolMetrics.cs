using ActorLb.Engine;
using ActorLb.Engine.Routing;
using ActorLb.Engine.Sessions;
using ActorLb.Node.Health;
using ActorLb.Shared.Backends;
using Prometheus;

namespace ActorLb.Node.Admin;

/// <summary>What there is to say of each pool and each backend, for as long as it is there.</summary>
internal sealed class PoolMetrics
{
    private static readonly BackendHealth[] Healths = Enum.GetValues<BackendHealth>();
    private static readonly SessionEvent[] Events = Enum.GetValues<SessionEvent>();
    private static readonly OperatorState[] OperatorStates = Enum.GetValues<OperatorState>();
    private static readonly CircuitReason[] CircuitReasons = Enum.GetValues<CircuitReason>();

    private readonly DataPlane _plane;
    private readonly LabelledSeries _pools = new();
    private readonly LabelledSeries _backends = new();
    private readonly (Counter Counter, Func<BackendTraffic, long> Value)[] _counts;
    private readonly (Gauge Gauge, Func<BackendSnapshot, double> Value)[] _values;
    private readonly Gauge _health;
    private readonly Gauge _operator;
    private readonly Gauge _sessions;
    private readonly Gauge _sessionsToMove;
    private readonly Counter _sessionEvents;
    private readonly Gauge _bindings;
    private readonly Counter _refused;
    private readonly Counter _retries;
    private readonly Counter _retriesRefused;
    private readonly Counter _circuits;
    private readonly Gauge _backupsSince;

    private PoolMetrics(CollectorRegistry registry, DataPlane plane)
    {
        _plane = plane;
        MetricFactory metrics = Prometheus.Metrics.WithCustomRegistry(registry);
        string[] backend = ["pool", "backend"];
        string[] backendState = ["pool", "backend", "state"];
        _counts =
        [
            (metrics.CreateCounter("actorlb_backend_requests_total", "Requests that this node sent to a backend.", backend), t => t.Requests),
            (metrics.CreateCounter("actorlb_backend_failures_total", "Requests to a backend that ended without its whole answer; without answers of class 5.", backend), t => t.Failures),
            (metrics.CreateCounter("actorlb_backend_queue_refused_total", "Requests refused because a backend's queue was full.", backend), t => t.QueueRefusals),
            (metrics.CreateCounter("actorlb_backend_queue_timeouts_total", "Requests that waited too long in a backend's queue.", backend), t => t.QueueTimeouts),
            (metrics.CreateCounter("actorlb_backend_unasked_answers_total", "Connections closed because the backend had sent something before it was asked.", backend), t => t.UnaskedAnswers),
            (metrics.CreateCounter("actorlb_backend_holds_refused_total", "Requests that did not wait for the verdict because too many did.", backend), t => t.HoldRefusals),
        ];
        _values =
        [
            (metrics.CreateGauge("actorlb_backend_requests_in_flight", "Requests now at a backend.", backend), b => b.Traffic.InFlight),
            (metrics.CreateGauge("actorlb_backend_tunnels", "WebSockets and other tunnels from this node to a backend now.", backend), b => b.Traffic.Tunnels),
            (metrics.CreateGauge("actorlb_backend_requests_waiting", "Requests now in this node's queue for a backend.", backend), b => b.Traffic.Gate.Waiting),
            (metrics.CreateGauge("actorlb_backend_requests_held", "Requests of its sessions that wait for the verdict on a backend that this node cannot reach.", backend), b => b.Traffic.Held),
            (metrics.CreateGauge("actorlb_backend_circuit_open", "1 while several of this node's requests to a backend failed and no probe has refuted it.", backend), b => b.Traffic.CircuitOpen ? 1 : 0),
            (metrics.CreateGauge("actorlb_backend_circuit_opened_seconds", "When the open circuit to a backend opened, in seconds since 1970; 0 while it is closed.", backend), b => b.Traffic.Circuit is { } circuit ? UnixSeconds(circuit.Since) : 0),
            (metrics.CreateGauge("actorlb_backend_ejected", "1 while the open circuit to a backend takes new sessions from it.", backend), b => b.Traffic.IsEjected ? 1 : 0),
            (metrics.CreateGauge("actorlb_backend_backup", "1 for a backup.", backend), b => b.IsBackup ? 1 : 0),
            (metrics.CreateGauge("actorlb_backend_takes_new_sessions", "1 while new sessions of this node go to a backend.", backend), b => b.TakesNewSessions ? 1 : 0),
            (metrics.CreateGauge("actorlb_backend_weight", "The backend's weight in the rotation now.", backend), b => b.TurnWeight),
        ];
        _health = metrics.CreateGauge("actorlb_backend_health", "1 for the health that a backend has, 0 for the others.", backendState);
        _operator = metrics.CreateGauge("actorlb_backend_operator", "1 for the operator state that a backend has, 0 for the others.", backendState);
        _sessions = metrics.CreateGauge("actorlb_backend_sessions", "Sessions that live at a backend.", backend);
        _sessionsToMove = metrics.CreateGauge("actorlb_backend_sessions_to_move", "Sessions that lived at a backend last and would move if they came now.", backend);
        _sessionEvents = metrics.CreateCounter(
            "actorlb_backend_session_events_total", "What became of sessions at a backend, as this node saw it; what never happened is not shown.", ["pool", "backend", "event"]);
        _bindings = metrics.CreateGauge("actorlb_session_table_bindings", "Bindings in this node's table, expired ones included.", ["pool"]);
        _refused = metrics.CreateCounter("actorlb_session_table_refused_total", "Bindings not kept because the table was full.", ["pool"]);
        _retries = metrics.CreateCounter("actorlb_pool_retries_total", "Requests of a pool that were tried again within retry.budget.", ["pool"]);
        _retriesRefused = metrics.CreateCounter("actorlb_pool_retries_refused_total", "Requests of a pool that were not tried again because retry.budget was spent.", ["pool"]);
        _circuits = metrics.CreateCounter("actorlb_backend_circuits_opened_total", "Circuits to a backend that opened, by why.", ["pool", "backend", "why"]);
        _backupsSince = metrics.CreateGauge("actorlb_pool_backups_since_seconds", "Since when new sessions of a pool go to its backups, in seconds since 1970; 0 while they do not.", ["pool"]);
    }

    public static void AddTo(CollectorRegistry registry, DataPlane plane) =>
        registry.AddBeforeCollectCallback(new PoolMetrics(registry, plane).Collect);

    // By the time that the nodes agree on: what reads it compares it with a time of its own.
    private double UnixSeconds(DateTimeOffset steady) => (steady - _plane.Clock.Ahead).ToUnixTimeMilliseconds() / 1000.0;

    private void Collect()
    {
        uint now = _plane.Clock.Ending;
        foreach (PoolSnapshot pool in _plane.Routing.Pools.Values)
        {
            CollectPool(pool, now);
        }

        _backends.DropOthers();
        _pools.DropOthers();
    }

    private void CollectPool(PoolSnapshot pool, uint now)
    {
        BindingTable table = pool.Table;
        Dictionary<BackendKey, int> bound = table.CountByBackend(now, pool.Settings.Affinity.IdleTimeout);
        _pools.Of(_bindings, pool.Name).Set(table.Count);
        _pools.Of(_refused, pool.Name).IncTo(table.Refused);
        _pools.Of(_retries, pool.Name).IncTo(pool.Retries.Retries);
        _pools.Of(_retriesRefused, pool.Name).IncTo(pool.Retries.Refused);
        _pools.Of(_backupsSince, pool.Name).Set(pool.BackupsSince is { } since ? UnixSeconds(since) : 0);
        foreach (BackendSnapshot backend in pool.Backends)
        {
            foreach ((Counter counter, Func<BackendTraffic, long> value) in _counts)
            {
                _backends.Of(counter, pool.Name, backend.Id).IncTo(value(backend.Traffic));
            }

            foreach ((Gauge gauge, Func<BackendSnapshot, double> value) in _values)
            {
                _backends.Of(gauge, pool.Name, backend.Id).Set(value(backend));
            }

            foreach (CircuitReason why in CircuitReasons)
            {
                _backends.Of(_circuits, pool.Name, backend.Id, CircuitWords.Label(why)).IncTo(backend.Traffic.CircuitsOpened(why));
            }

            int sessions = bound.GetValueOrDefault(backend.Key);
            _backends.Of(_sessions, pool.Name, backend.Id).Set(backend.KeepsSessions ? sessions : 0);
            _backends.Of(_sessionsToMove, pool.Name, backend.Id).Set(backend.KeepsSessions ? 0 : sessions);
            foreach (SessionEvent what in Events)
            {
                if (backend.Traffic.Sessions[what] is var count and > 0)
                {
                    _backends.Of(_sessionEvents, pool.Name, backend.Id, StatusDocument.Word(what)).IncTo(count);
                }
            }

            foreach (BackendHealth health in Healths)
            {
                _backends.Of(_health, pool.Name, backend.Id, StatusDocument.Word(health)).Set(health == backend.Health ? 1 : 0);
            }

            foreach (OperatorState state in OperatorStates)
            {
                _backends.Of(_operator, pool.Name, backend.Id, StatusDocument.Word(state)).Set(state == backend.Operator ? 1 : 0);
            }
        }
    }
}

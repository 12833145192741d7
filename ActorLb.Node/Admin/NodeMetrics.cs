using ActorLb.Engine;
using ActorLb.Engine.Forwarding;
using ActorLb.Engine.OpenExchanges;
using ActorLb.Engine.Sessions;
using ActorLb.Shared.Backends;
using ActorLb.Shared.Messages;
using ActorLb.Shared.Routing;
using ActorLb.Shared.Sessions;
using Microsoft.AspNetCore.Http;
using Prometheus;

namespace ActorLb.Node.Admin;

/// <summary>
/// One node's metrics for Prometheus. Values are read from the data plane when somebody collects, so nothing is
/// counted twice and requests pay nothing for it. The registry is the node's own: several nodes may share a process.
/// </summary>
public sealed class NodeMetrics
{
    /// <summary>Prometheus' text format.</summary>
    private const string ContentType = "text/plain; version=0.0.4; charset=utf-8";

    private static readonly BackendHealth[] Healths = Enum.GetValues<BackendHealth>();
    private static readonly MoveReason[] MoveReasons = Enum.GetValues<MoveReason>();
    private static readonly OperatorState[] OperatorStates = Enum.GetValues<OperatorState>();

    private readonly DataPlane _plane;
    private readonly INodeView _view;
    private readonly Counter _requests;
    private readonly Counter _failures;
    private readonly Gauge _inFlight;
    private readonly Gauge _tunnels;
    private readonly Counter _closed;
    private readonly Gauge _waiting;
    private readonly Counter _unasked;
    private readonly Counter _queueRefused;
    private readonly Counter _queueTimeouts;
    private readonly Gauge _held;
    private readonly Counter _holdRefused;
    private readonly Counter _rebound;
    private readonly Gauge _health;
    private readonly Gauge _operator;
    private readonly Gauge _circuitOpen;
    private readonly Gauge _weight;
    private readonly Gauge _backendSessions;
    private readonly Gauge _sessionsToMove;
    private readonly Gauge _tableBindings;
    private readonly Counter _tableRefused;
    private readonly Gauge _members;
    private readonly Gauge _ready;
    private readonly Gauge _keys;
    private readonly Gauge _keyAge;
    private readonly Gauge _clockOffset;
    private readonly Counter _clockSteps;
    private readonly (Counter Counter, Func<long> Value)[] _affinity;

    public NodeMetrics(DataPlane plane, INodeView view)
    {
        _plane = plane;
        _view = view;
        Registry = Prometheus.Metrics.NewCustomRegistry();
        MetricFactory metrics = Prometheus.Metrics.WithCustomRegistry(Registry);
        string[] backend = ["pool", "backend"];
        string[] backendState = ["pool", "backend", "state"];

        _requests = metrics.CreateCounter("actorlb_backend_requests_total", "Requests that this node sent to a backend.", backend);
        _failures = metrics.CreateCounter("actorlb_backend_failures_total", "Requests to a backend that failed.", backend);
        _inFlight = metrics.CreateGauge("actorlb_backend_requests_in_flight", "Requests now at a backend.", backend);
        _tunnels = metrics.CreateGauge("actorlb_backend_tunnels", "WebSockets and other tunnels from this node to a backend now.", backend);
        _closed = metrics.CreateCounter(
            "actorlb_exchanges_closed_total", "Tunnels, streams and answers that this node closed before their end, because they may not stay.", ["reason"]);
        _waiting = metrics.CreateGauge("actorlb_backend_requests_waiting", "Requests now in this node's queue for a backend.", backend);
        _unasked = metrics.CreateCounter("actorlb_backend_unasked_answers_total", "Connections closed because the backend had sent something before it was asked.", backend);
        _queueRefused = metrics.CreateCounter("actorlb_backend_queue_refused_total", "Requests refused because a backend's queue was full.", backend);
        _queueTimeouts = metrics.CreateCounter("actorlb_backend_queue_timeouts_total", "Requests that waited too long in a backend's queue.", backend);
        _held = metrics.CreateGauge("actorlb_backend_requests_held", "Requests of its sessions that wait for the verdict on a backend that this node cannot reach.", backend);
        _holdRefused = metrics.CreateCounter("actorlb_backend_holds_refused_total", "Requests that did not wait for the verdict because too many did.", backend);
        _rebound = metrics.CreateCounter("actorlb_sessions_rebound_total", "Sessions moved by their owner, by why they left.", ["reason"]);
        _health = metrics.CreateGauge("actorlb_backend_health", "1 for the health that a backend has, 0 for the others.", backendState);
        _operator = metrics.CreateGauge("actorlb_backend_operator", "1 for the operator state that a backend has, 0 for the others.", backendState);
        _circuitOpen = metrics.CreateGauge("actorlb_backend_circuit_open", "1 while this node sends a backend no new sessions because of failures.", backend);
        _weight = metrics.CreateGauge("actorlb_backend_weight", "The backend's weight in the rotation now.", backend);
        _backendSessions = metrics.CreateGauge("actorlb_backend_sessions", "Sessions that live at a backend.", backend);
        _sessionsToMove = metrics.CreateGauge("actorlb_backend_sessions_to_move", "Sessions that lived at a backend last and would move if they came now.", backend);
        _tableBindings = metrics.CreateGauge("actorlb_session_table_bindings", "Bindings in this node's table, expired ones included.", ["pool"]);
        _tableRefused = metrics.CreateCounter("actorlb_session_table_refused_total", "Bindings not kept because the table was full.", ["pool"]);
        _members = metrics.CreateGauge("actorlb_cluster_members", "Nodes of the cluster as this one sees them.", ["status", "reachable"]);
        _ready = metrics.CreateGauge("actorlb_node_ready", "1 while the node takes traffic.");
        _keys = metrics.CreateGauge("actorlb_ticket_keys", "Shared keys that tickets are honoured with, the one that signs included.");
        _keyAge = metrics.CreateGauge("actorlb_ticket_key_age_seconds", "Age of the shared key that signs tickets; 0 without one.");
        _clockOffset = metrics.CreateGauge("actorlb_clock_ahead_seconds", "How far this node's clock is ahead of what the nodes agree on.");
        _clockSteps = metrics.CreateCounter("actorlb_session_time_set_total", "Times that this node set the time of sessions by what the nodes' clocks show.");
        metrics.CreateGauge("actorlb_build_info", "Always 1.", ["node", "version"])
            .WithLabels(plane.Settings.Name, ProductVersion.Text).Set(1);
        _affinity =
        [
            (metrics.CreateCounter("actorlb_tickets_issued_total", "Tickets handed to clients."), () => plane.AffinityCounters.Issued),
            (metrics.CreateCounter("actorlb_tickets_withheld_total", "Tickets not put on an answer that caches may give to others."), () => plane.AffinityCounters.Withheld),
            (metrics.CreateCounter("actorlb_tickets_refused_total", "Cookies that were no valid ticket."), () => plane.AffinityCounters.Refused),
            (metrics.CreateCounter("actorlb_tickets_unknown_key_total", "Refused cookies that look like tickets of a key that this node does not have."), () => plane.AffinityCounters.KeyUnknown),
            (metrics.CreateCounter("actorlb_ticket_key_rotations_total", "Times that this node went over to another shared key."), () => plane.AffinityCounters.SignerChanges),
            (metrics.CreateCounter("actorlb_tickets_expired_total", "Valid tickets that were too old."), () => plane.AffinityCounters.Expired),
            (metrics.CreateCounter("actorlb_sessions_adopted_total", "Sessions taken from a ticket into the table."), () => plane.AffinityCounters.Adopted),
            (metrics.CreateCounter("actorlb_sessions_rebound_alone_total", "Sessions moved by this node while the owner was silent."), () => plane.AffinityCounters.ReboundAlone),
            (metrics.CreateCounter("actorlb_session_feed_dropped_total", "Notices to owners dropped because the feed was full."), () => plane.Sessions.Dropped),
        ];
        ConnectionMetrics.AddTo(Registry, plane.Connections);
        FloodMetrics.AddTo(Registry, plane.Floods);
        MemoryMetrics.AddTo(Registry, plane.Memory);
        AccessLogMetrics.AddTo(Registry, plane.AccessLog);
        DotNetStats.Register(Registry);
        Registry.AddBeforeCollectCallback(Collect);
    }

    /// <summary>Others may add their own metrics of this node.</summary>
    public CollectorRegistry Registry { get; }

    public async Task WriteAsync(HttpContext context)
    {
        // The exporter writes in many small pieces; one buffer, one write.
        using var text = new MemoryStream();
        await Registry.CollectAndExportAsTextAsync(text, context.RequestAborted);
        context.Response.ContentType = ContentType;
        context.Response.ContentLength = text.Length;
        text.Position = 0;
        await text.CopyToAsync(context.Response.Body, context.RequestAborted);
    }

    private void Collect()
    {
        uint now = _plane.Clock.Ending;
        foreach (PoolSnapshot pool in _plane.Routing.Pools.Values)
        {
            CollectPool(pool, now);
        }

        foreach ((Counter counter, Func<long> value) in _affinity)
        {
            counter.IncTo(value());
        }

        foreach (FailureReason reason in ClosedExchanges.Reasons)
        {
            _closed.WithLabels(FailureAnswer.Of(reason).Name).IncTo(_plane.Closed[reason]);
        }

        foreach (MoveReason reason in MoveReasons)
        {
            _rebound.WithLabels(StatusDocument.Word(reason)).IncTo(_plane.AffinityCounters.ReboundFor(reason));
        }

        _clockOffset.Set(_plane.Clock.State.Offset / 1000.0);
        _clockSteps.IncTo(_plane.Clock.State.Steps);
        _ready.Set(_view.Phase == NodePhase.Ready ? 1 : 0);
        CollectMembers();
        TicketKeyRing ring = _plane.Keys;
        _keys.Set(ring.Keys.Length);
        _keyAge.Set(ring.IsEmpty ? 0 : Math.Max(0, (_plane.Time.GetUtcNow().ToUnixTimeMilliseconds() - ring.Keys[0].CreatedAt) / 1000.0));
    }

    private void CollectPool(PoolSnapshot pool, uint now)
    {
        BindingTable table = _plane.Tables[pool.Name];
        Dictionary<BackendKey, int> bound = table.CountByBackend(now, pool.Settings.Affinity.IdleTimeout);
        _tableBindings.WithLabels(pool.Name).Set(table.Count);
        _tableRefused.WithLabels(pool.Name).IncTo(table.Refused);
        foreach (BackendSnapshot backend in pool.Backends)
        {
            string[] labels = [pool.Name, backend.Id];
            _requests.WithLabels(labels).IncTo(backend.Traffic.Requests);
            _failures.WithLabels(labels).IncTo(backend.Traffic.Failures);
            _inFlight.WithLabels(labels).Set(backend.Traffic.InFlight);
            _tunnels.WithLabels(labels).Set(backend.Traffic.Tunnels);
            _waiting.WithLabels(labels).Set(backend.Traffic.Gate.Waiting);
            _unasked.WithLabels(labels).IncTo(backend.Traffic.UnaskedAnswers);
            _queueRefused.WithLabels(labels).IncTo(backend.Traffic.QueueRefusals);
            _queueTimeouts.WithLabels(labels).IncTo(backend.Traffic.QueueTimeouts);
            _held.WithLabels(labels).Set(backend.Traffic.Held);
            _holdRefused.WithLabels(labels).IncTo(backend.Traffic.HoldRefusals);
            _circuitOpen.WithLabels(labels).Set(backend.Traffic.CircuitOpen ? 1 : 0);
            _weight.WithLabels(labels).Set(backend.TurnWeight);
            _backendSessions.WithLabels(labels).Set(backend.KeepsSessions ? bound.GetValueOrDefault(backend.Key) : 0);
            _sessionsToMove.WithLabels(labels).Set(backend.KeepsSessions ? 0 : bound.GetValueOrDefault(backend.Key));
            foreach (BackendHealth health in Healths)
            {
                _health.WithLabels(pool.Name, backend.Id, StatusDocument.Word(health)).Set(health == backend.Health ? 1 : 0);
            }

            foreach (OperatorState state in OperatorStates)
            {
                _operator.WithLabels(pool.Name, backend.Id, StatusDocument.Word(state)).Set(state == backend.Operator ? 1 : 0);
            }
        }
    }

    private void CollectMembers()
    {
        foreach (string[] labels in _members.GetAllLabelValues())
        {
            _members.WithLabels(labels).Set(0);
        }

        foreach (IGrouping<(string Status, bool Reachable), NodeMember> group in _view.Members.GroupBy(m => (m.Status, m.Reachable)))
        {
            _members.WithLabels(group.Key.Status, group.Key.Reachable ? "true" : "false").Set(group.Count());
        }
    }
}

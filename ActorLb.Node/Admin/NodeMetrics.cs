using System.Text;
using ActorLb.Engine;
using ActorLb.Engine.Failures;
using ActorLb.Engine.Sessions;
using ActorLb.Shared.Messages;
using ActorLb.Shared.Sessions;
using Microsoft.AspNetCore.Http;
using Prometheus;

namespace ActorLb.Node.Admin;

/// <summary>
/// One node's metrics for Prometheus. Values are read from the data plane when somebody collects, so nothing is
/// counted twice and requests pay nothing for it. The registry is the node's own: several nodes may share a process.
/// What is counted of requests, which no registry can take over, is written behind it (<see cref="RequestMetrics"/>).
/// </summary>
internal sealed class NodeMetrics
{
    private static readonly MoveReason[] MoveReasons = Enum.GetValues<MoveReason>();

    private readonly DataPlane _plane;
    private readonly INodeView _view;
    private readonly SharedDocument _text;
    private readonly SharedDocument _open;
    private readonly Counter _closed;
    private readonly Counter _rebound;
    private readonly Gauge _members;
    private readonly Gauge _lost;
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
        _text = new SharedDocument(plane.Time, () => ExportAsync(MetricFormat.Prometheus));
        _open = new SharedDocument(plane.Time, () => ExportAsync(MetricFormat.OpenMetrics));
        Registry = Prometheus.Metrics.NewCustomRegistry();
        MetricFactory metrics = Prometheus.Metrics.WithCustomRegistry(Registry);
        _closed = metrics.CreateCounter(
            "actorlb_exchanges_closed_total", "Tunnels, streams and answers that this node closed before their end, because they may not stay.", ["reason"]);
        _rebound = metrics.CreateCounter("actorlb_sessions_rebound_total", "Sessions moved by their owner, by why they left.", ["reason"]);
        _members = metrics.CreateGauge("actorlb_cluster_members", "Nodes of the cluster as this one sees them.", ["status", "reachable"]);
        _lost = metrics.CreateGauge("actorlb_cluster_lost_nodes", "Nodes that fell silent within the last half hour, were taken out of the cluster and are not back.");
        _ready = metrics.CreateGauge("actorlb_node_ready", "1 while the node takes traffic.");
        _keys = metrics.CreateGauge("actorlb_ticket_keys", "Shared keys that tickets are honoured with, the one that signs included.");
        _keyAge = metrics.CreateGauge("actorlb_ticket_key_age_seconds", "Age of the shared key that signs tickets; 0 without one.");
        _clockOffset = metrics.CreateGauge("actorlb_clock_ahead_seconds", "How far this node's clock is ahead of what the nodes agree on.");
        _clockSteps = metrics.CreateCounter("actorlb_session_time_set_total", "Times that this node set the time of sessions by what the nodes' clocks show.");
        metrics.CreateGauge("actorlb_build_info", "Always 1.", ["node", "version"])
            .WithLabels(plane.Settings.Name, ProductVersion.Text).Set(1);
        _affinity =
        [
            (metrics.CreateCounter("actorlb_tickets_issued_total", "Tickets handed to clients."), () => plane.SessionCounters.Issued),
            (metrics.CreateCounter("actorlb_tickets_withheld_total", "Tickets not put on an answer that caches may give to others."), () => plane.SessionCounters.Withheld),
            (metrics.CreateCounter("actorlb_tickets_refused_total", "Cookies that were no valid ticket."), () => plane.SessionCounters.Refused),
            (metrics.CreateCounter("actorlb_tickets_unknown_key_total", "Refused cookies that look like tickets of a key that this node does not have."), () => plane.SessionCounters.KeyUnknown),
            (metrics.CreateCounter("actorlb_ticket_key_rotations_total", "Times that this node went over to another shared key."), () => plane.SessionCounters.SignerChanges),
            (metrics.CreateCounter("actorlb_tickets_expired_total", "Valid tickets that were too old."), () => plane.SessionCounters.Expired),
            (metrics.CreateCounter("actorlb_tickets_ended_total", "Valid tickets of sessions that an operator had ended."), () => plane.SessionCounters.OfEnded),
            (metrics.CreateCounter("actorlb_sessions_ended_total", "Sessions that an operator ended at this node."), () => plane.SessionCounters.Ended),
            (metrics.CreateCounter("actorlb_sessions_adopted_total", "Sessions taken from a ticket into the table."), () => plane.SessionCounters.Adopted),
            (metrics.CreateCounter("actorlb_sessions_learned_total", "Sessions that an answer of a backend began, by a cookie of the application."), () => plane.SessionCounters.Learned),
            (metrics.CreateCounter("actorlb_learned_values_unasked_total", "Unknown values of a cookie of the application for which no owner was asked, because their client's address had asked for too many."), () => plane.SessionCounters.Unasked),
            (metrics.CreateCounter("actorlb_learned_sessions_displaced_total", "Learned sessions that were forgotten before their time because too many had not come back, of all clients or of one."), () => plane.Learned.Values.Sum(l => l.Displaced)),
            (metrics.CreateCounter("actorlb_sessions_rebound_alone_total", "Sessions moved by this node while the owner was silent."), () => plane.SessionCounters.ReboundAlone),
            (metrics.CreateCounter("actorlb_session_feed_dropped_total", "Notices to owners dropped because the feed was full."), () => plane.Sessions.Dropped),
        ];
        PoolMetrics.AddTo(Registry, plane);
        ConnectionMetrics.AddTo(Registry, plane.Connections);
        FloodMetrics.AddTo(Registry, plane.Floods);
        ProxyHeaderMetrics.AddTo(Registry, plane.ProxyHeaders);
        MemoryMetrics.AddTo(Registry, plane.Memory);
        AccessLogMetrics.AddTo(Registry, plane);
        DotNetStats.Register(Registry);
        Registry.AddBeforeCollectCallback(Collect);
    }

    /// <summary>Others may add their own metrics of this node.</summary>
    public CollectorRegistry Registry { get; }

    /// <summary>In Prometheus' text format.</summary>
    public Task<byte[]> ReadAsync() => _text.GetAsync();

    public async Task WriteAsync(HttpContext context)
    {
        MetricFormat format = MetricFormat.For(context.Request);
        byte[] text = await (format == MetricFormat.OpenMetrics ? _open : _text).GetAsync().WaitAsync(context.RequestAborted);
        context.Response.ContentType = format.ContentType;
        context.Response.Headers.Vary = "Accept";
        context.Response.ContentLength = text.Length;
        await context.Response.Body.WriteAsync(text, context.RequestAborted);
    }

    private async Task<byte[]> ExportAsync(MetricFormat format)
    {
        using var text = new MemoryStream();
        await Registry.CollectAndExportAsTextAsync(text, format.Library);
        byte[] end = Encoding.ASCII.GetBytes(format.End);
        if (end.Length > 0 && text.GetBuffer().AsSpan(0, (int)text.Length).EndsWith(end))
        {
            text.SetLength(text.Length - end.Length);
        }

        text.Write(RequestMetrics.Write(_plane.Measurements.Read(), format));
        text.Write(end);
        return text.ToArray();
    }

    private void Collect()
    {
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
            _rebound.WithLabels(StatusDocument.Word(reason)).IncTo(_plane.SessionCounters.ReboundFor(reason));
        }

        _clockOffset.Set(_plane.Clock.State.Offset / 1000.0);
        _clockSteps.IncTo(_plane.Clock.State.Steps);
        _ready.Set(_view.Phase == NodePhase.Ready ? 1 : 0);
        CollectMembers();
        _lost.Set(_view.Lost.Length);
        TicketKeyRing ring = _plane.Keys;
        _keys.Set(ring.Keys.Length);
        _keyAge.Set(ring.IsEmpty ? 0 : Math.Max(0, (_plane.Time.GetUtcNow().ToUnixTimeMilliseconds() - ring.Keys[0].CreatedAt) / 1000.0));
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

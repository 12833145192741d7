using System.Diagnostics;
using ActorLb.Engine.Traces;
using ActorLb.Node.Events;
using EventLog = ActorLb.Node.Events.EventLog;

namespace ActorLb.Node.Otlp;

/// <summary>
/// Spans of what is decided about backends, drains and topologies: one for each such event that this node notes. One that ends another spans the time between them, and both link to what
/// brought them about, as far as this node noted it. Any thread.
/// </summary>
internal sealed class DecisionSpans(SpanSource spans, EventLog events)
{
    /// <summary>Those to which later ones may link: many more than are open at a time.</summary>
    private const int KnownMax = 1024;

    private readonly Lock _gate = new();
    private readonly Dictionary<EventId, ActivityContext> _known = [];
    private readonly Queue<EventId> _oldest = new();

    /// <summary>Notes what happens from now on.</summary>
    public void Start() => events.Noted += OnNoted;

    private static bool IsDecision(EventKind kind) => kind is
        EventKind.BackendUp or EventKind.BackendDown or EventKind.BackendDegraded or EventKind.BackendFailing or EventKind.BackendFailingOver
        or EventKind.CircuitOpened or EventKind.CircuitClosed
        or EventKind.OperatorDrain or EventKind.OperatorMaintenance or EventKind.OperatorReady or EventKind.OperatorRemoved or EventKind.DrainOver
        or EventKind.TopologyReloaded or EventKind.TopologyRefused or EventKind.TopologyApplied or EventKind.TopologyRolledBack or EventKind.TopologyReleased;

    private void OnNoted(NodeEvent noted)
    {
        if (!spans.IsHeard || !IsDecision(noted.Kind))
        {
            return;
        }

        ActivityContext cause = default;
        DateTimeOffset since = noted.At;
        if (noted.Cause is { } id)
        {
            lock (_gate)
            {
                _known.TryGetValue(id, out cause);
            }

            since = events.Last(TimeSpan.FromDays(1), e => e.Id == id)?.At ?? since;
        }

        if (spans.BeginAlone(EventKinds.Of(noted.Kind).Name, since, cause) is not { } span)
        {
            return;
        }

        span.SetTag("actorlb.event", noted.Id.ToString());
        span.SetTag("actorlb.pool", noted.Pool);
        span.SetTag("actorlb.backend", noted.Backend);
        span.SetTag("actorlb.text", noted.Text);
        if (noted.Severity == EventSeverity.Error)
        {
            span.SetStatus(ActivityStatusCode.Error, noted.Text);
        }

        Remember(noted.Id, span.Context);
        spans.End(span);
    }

    private void Remember(EventId id, ActivityContext span)
    {
        lock (_gate)
        {
            _known[id] = span;
            _oldest.Enqueue(id);
            if (_oldest.Count > KnownMax)
            {
                _known.Remove(_oldest.Dequeue());
            }
        }
    }
}

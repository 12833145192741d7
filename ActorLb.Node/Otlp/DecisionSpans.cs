using System.Diagnostics;
using ActorLb.Engine.Sessions;
using ActorLb.Engine.Traces;
using ActorLb.Node.Admin;
using ActorLb.Node.Events;
using ActorLb.Shared.Backends;
using EventLog = ActorLb.Node.Events.EventLog;

namespace ActorLb.Node.Otlp;

/// <summary>
/// Spans of what is decided about backends, drains and topologies: one for each such event that this node notes. One that ends another spans the time between them and links to it; one that
/// an operator asked this node for links to his request. Any thread.
/// </summary>
internal sealed class DecisionSpans(SpanSource spans, TimeProvider time) : IEventSpans
{
    /// <summary>An operator's request has become an event long before: what comes later has another reason.</summary>
    private static readonly TimeSpan ChangeWithin = TimeSpan.FromMinutes(1);

    private const int ChangesMax = 64;

    /// <summary>Of backends whose sessions leave, with why: many more than do at a time.</summary>
    private const int DeparturesMax = 1024;

    private sealed record Change(AuditEntry Entry, ActivityContext Span, long At);

    private readonly Lock _gate = new();
    private readonly Queue<Change> _changes = new();
    private readonly Dictionary<(string Pool, BackendKey Backend, MoveReason Reason), ActivityContext> _departures = [];
    private readonly Queue<(string Pool, BackendKey Backend, MoveReason Reason)> _oldest = new();

    /// <summary>Makes spans of what is noted from now on, and knows those of the other nodes.</summary>
    public void Follow(EventLog events)
    {
        events.Spans = this;
        events.Noted += Heard;
        events.Taken += Heard;
    }

    /// <summary>An operator asks this node for a change, which is what its event comes of.</summary>
    /// <param name="entry">Its target may be found later.</param>
    public void Asked(AuditEntry entry, ActivityContext span)
    {
        lock (_gate)
        {
            _changes.Enqueue(new Change(entry, span, time.GetTimestamp()));
            if (_changes.Count > ChangesMax)
            {
                _changes.Dequeue();
            }
        }
    }

    /// <summary>The span of what made sessions leave a backend; default: none is known.</summary>
    public ActivityContext CauseOf(string pool, BackendKey backend, MoveReason reason)
    {
        lock (_gate)
        {
            return _departures.GetValueOrDefault((pool, backend, reason == MoveReason.Removed ? MoveReason.Drained : reason));
        }
    }

    public Activity? Begin(EventNote note, NodeEvent? cause)
    {
        if (!spans.IsHeard || !IsDecision(note.Kind))
        {
            return null;
        }

        ActivityContext link = ChangeBehind(note) ?? SpanOf(cause) ?? default;
        return spans.BeginAlone(EventKinds.Of(note.Kind).Name, cause?.At, link);
    }

    public void End(Activity span, NodeEvent noted)
    {
        span.SetTag("actorlb.event", noted.Id.ToString());
        span.SetTag("actorlb.pool", noted.Pool);
        span.SetTag("actorlb.backend", noted.Backend);
        span.SetTag("actorlb.text", noted.Text);
        if (noted.Severity == EventSeverity.Error)
        {
            span.SetStatus(ActivityStatusCode.Error, noted.Text);
        }

        spans.End(span);
    }

    private static bool IsDecision(EventKind kind) => ActionsOf(kind).Length > 0 || kind is
        EventKind.BackendUp or EventKind.BackendDown or EventKind.BackendDegraded or EventKind.BackendFailing or EventKind.BackendFailingOver
        or EventKind.BackendSlow or EventKind.BackendSlowOver
        or EventKind.CircuitOpened or EventKind.CircuitClosed or EventKind.DrainOver;

    private static ActivityContext? SpanOf(NodeEvent? known) =>
        known?.TraceParent is { } text && ActivityContext.TryParse(text, null, isRemote: true, out ActivityContext span) ? span : null;

    private ActivityContext? ChangeBehind(EventNote note)
    {
        lock (_gate)
        {
            return _changes.LastOrDefault(c => time.GetElapsedTime(c.At) <= ChangeWithin && Brings(c.Entry, note))?.Span;
        }
    }

    // What was only tried, or refused, brings nothing about.
    private static bool Brings(AuditEntry change, EventNote note) =>
        change is { IsTrial: false, Problem: null, Route.Action: { } action } && ActionsOf(note.Kind).Contains(action) && change.Route.Subject switch
        {
            AuditSubject.Backend => change.Target == $"{note.Pool}/{note.Backend}",
            AuditSubject.Overlays => change.Target.Length == 0 || change.Target == note.Pool,
            _ => true,
        };

    private static string[] ActionsOf(EventKind kind) => kind switch
    {
        EventKind.OperatorDrain => ["drain"],
        EventKind.OperatorMaintenance => ["maintenance"],
        EventKind.OperatorReady => ["ready"],
        EventKind.OperatorWeight => ["weight"],
        EventKind.OperatorAdded => ["add"],
        EventKind.OperatorRemoved => ["remove"],
        EventKind.OperatorReset => ["reset"],
        EventKind.TopologyReloaded => ["reload"],
        EventKind.TopologyRefused => ["reload", "apply", "rollback"],
        EventKind.TopologyApplied or EventKind.TopologyReleased => ["apply"],
        EventKind.TopologyRolledBack => ["rollback"],
        _ => [],
    };

    // The reason says that one of these is in force, which is the last of its kind then.
    private void Heard(NodeEvent one)
    {
        if (one is not { Pool: { } pool, Backend: { } backend } || ReasonBy(one.Kind) is not { } reason || SpanOf(one) is not { } span)
        {
            return;
        }

        (string, BackendKey, MoveReason) key = (pool, BackendKey.Of(backend), reason);
        lock (_gate)
        {
            if (!_departures.ContainsKey(key))
            {
                _oldest.Enqueue(key);
            }

            _departures[key] = span;
            if (_oldest.Count > DeparturesMax)
            {
                _departures.Remove(_oldest.Dequeue());
            }
        }
    }

    private static MoveReason? ReasonBy(EventKind kind) => kind switch
    {
        EventKind.BackendDown => MoveReason.Down,
        EventKind.OperatorMaintenance => MoveReason.Maintenance,

        // One that is removed drains first.
        EventKind.OperatorDrain or EventKind.OperatorRemoved => MoveReason.Drained,
        _ => null,
    };
}

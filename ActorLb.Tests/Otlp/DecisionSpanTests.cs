using System.Diagnostics;
using ActorLb.Engine.Sessions;
using ActorLb.Engine.Traces;
using ActorLb.Node.Admin;
using ActorLb.Node.Events;
using ActorLb.Node.Otlp;
using ActorLb.Shared.Backends;
using ActorLb.Tests.Traces;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Xunit;
using EventLog = ActorLb.Node.Events.EventLog;

namespace ActorLb.Tests.Otlp;

public sealed class DecisionSpanTests
{
    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 11, 30, 0, 0, 0, TimeSpan.Zero));
    private readonly SpanSource _spans;
    private readonly EventLog _events;
    private readonly DecisionSpans _decisions;

    public DecisionSpanTests()
    {
        _spans = new SpanSource(_time);
        _events = new EventLog("lb1", _time.GetUtcNow, NullLogger.Instance);
        _decisions = new DecisionSpans(_spans, _time);
        _decisions.Follow(_events);
    }

    [Fact]
    public void A_verdict_that_ends_another_spans_the_time_between_and_links_to_it()
    {
        using var recorder = new SpanRecorder(_spans);
        NodeEvent down = _events.Note(new EventNote(EventKind.BackendDown, "web/a is down") { Pool = "web", Backend = "a" });
        _time.Advance(TimeSpan.FromMinutes(3));
        _events.Note(new EventNote(EventKind.BackendUp, "web/a is up") { Pool = "web", Backend = "a", Cause = down.Id });

        Activity[] spans = [.. recorder.Spans];
        Assert.Equal(["backend.down", "backend.up"], spans.Select(s => s.OperationName));
        Assert.All(spans, s => Assert.Equal((ActivityKind.Internal, "web", "a"), (s.Kind, s.GetTagItem("actorlb.pool"), s.GetTagItem("actorlb.backend"))));
        Assert.Equal([ActivityStatusCode.Error, ActivityStatusCode.Unset], spans.Select(s => s.Status));
        Assert.Equal(TimeSpan.FromMinutes(3), spans[1].Duration);
        Assert.Equal(Ids(spans[0].Context), Ids(Assert.Single(spans[1].Links).Context));
        Assert.Empty(spans[0].Links);
        Assert.NotEqual(spans[0].TraceId, spans[1].TraceId);
    }

    [Fact]
    public void What_another_node_noted_is_a_cause_as_well_and_its_event_says_its_span()
    {
        using var recorder = new SpanRecorder(_spans);
        var other = new EventLog("lb2", _time.GetUtcNow, NullLogger.Instance);
        new DecisionSpans(_spans, _time).Follow(other);
        NodeEvent drain = other.Note(new EventNote(EventKind.OperatorDrain, "web/a drains") { Pool = "web", Backend = "a" });
        Assert.True(EventJson.TryRead(drain.Json, out _, out NodeEvent? told));
        _events.Take([told!]);
        _events.Note(new EventNote(EventKind.DrainOver, "web/a has drained") { Pool = "web", Backend = "a", Cause = drain.Id });

        Activity[] spans = [.. recorder.Spans];
        Assert.Equal(spans[0].Id, told!.TraceParent);
        Assert.Equal((spans[0].TraceId, spans[0].SpanId), Ids(Assert.Single(spans[1].Links).Context));
    }

    [Fact]
    public void What_an_operator_asked_for_links_to_his_request_and_to_no_other()
    {
        using var recorder = new SpanRecorder(_spans);
        ActivityContext drain = Asked(AdminRoutes.Drain, "web/a");
        Asked(AdminRoutes.MakeReady, "web/a");
        ActivityContext apply = Asked(AdminRoutes.Apply, "");
        ActivityContext reset = Asked(AdminRoutes.ResetPool, "api");
        Note(EventKind.OperatorDrain, "web", "a");
        Note(EventKind.OperatorReset, "api", "b");
        Note(EventKind.OperatorReset, "web", "b");
        _events.Note(new EventNote(EventKind.TopologyApplied, "Revision 2 is in force"));
        Note(EventKind.BackendDown, "web", "a");
        _time.Advance(TimeSpan.FromMinutes(2));
        Note(EventKind.OperatorDrain, "web", "a");

        ActivityContext[] links = [.. recorder.Spans.Select(s => s.Links.Select(l => l.Context).SingleOrDefault())];
        Assert.Equal([drain, reset, default, apply, default, default], links);
    }

    [Fact]
    public void What_was_only_tried_or_refused_and_another_kind_of_request_bring_nothing_about()
    {
        using var recorder = new SpanRecorder(_spans);
        var tried = new AuditEntry(AdminRoutes.Apply, null);
        tried.Tries();
        var refused = new AuditEntry(AdminRoutes.Apply, null);
        refused.Failed("impossible");
        foreach (AuditEntry entry in (AuditEntry[])[tried, refused])
        {
            _decisions.Asked(entry, new ActivityContext(ActivityTraceId.CreateRandom(), ActivitySpanId.CreateRandom(), ActivityTraceFlags.Recorded));
        }

        ActivityContext rollback = Asked(AdminRoutes.RollBack, "1");
        _events.Note(new EventNote(EventKind.TopologyApplied, "Revision 2 is in force"));
        _events.Note(new EventNote(EventKind.TopologyReloaded, "files were read"));
        _events.Note(new EventNote(EventKind.TopologyRolledBack, "Revision 3 is in force, a rollback to 1"));
        Assert.Equal([default, default, rollback], recorder.Spans.Select(s => s.Links.Select(l => l.Context).SingleOrDefault()));
    }

    [Fact]
    public void Why_sessions_leave_a_backend_is_the_last_that_brought_it_about()
    {
        using var recorder = new SpanRecorder(_spans);
        Note(EventKind.BackendDown, "web", "a");
        Note(EventKind.OperatorDrain, "web", "a");
        Note(EventKind.OperatorDrain, "web", "a");
        Note(EventKind.OperatorRemoved, "web", "b");
        Activity[] spans = [.. recorder.Spans];

        Assert.Equal(spans[0].SpanId, Cause("a", MoveReason.Down).SpanId);
        Assert.Equal(spans[2].SpanId, Cause("a", MoveReason.Drained).SpanId);
        Assert.Equal(spans[3].SpanId, Cause("b", MoveReason.Removed).SpanId);
        Assert.Equal(spans[3].SpanId, Cause("b", MoveReason.Drained).SpanId);
        Assert.Equal(default, Cause("a", MoveReason.Maintenance));
        Assert.Equal(default, Cause("a", MoveReason.Unreachable));
        Assert.Equal(default, Cause("c", MoveReason.Down));
    }

    [Fact]
    public void Of_how_many_backends_it_is_known_is_bounded()
    {
        using var recorder = new SpanRecorder(_spans);
        for (int i = 0; i < 2000; i++)
        {
            Note(EventKind.BackendDown, "web", $"a{i}");
        }

        Assert.Equal(1024, Enumerable.Range(0, 2000).Count(i => Cause($"a{i}", MoveReason.Down) != default));
        Assert.NotEqual(default, Cause("a1999", MoveReason.Down));
    }

    [Fact]
    public void What_is_no_decision_has_no_span()
    {
        using var recorder = new SpanRecorder(_spans);
        _events.Note(new EventNote(EventKind.CertificateExpiring, "a certificate expires"));
        Assert.Empty(recorder.Spans);
    }

    [Fact]
    public void Where_nobody_listens_nothing_is_made()
    {
        _events.Note(new EventNote(EventKind.BackendDown, "web/a is down") { Pool = "web", Backend = "a" });
        using var recorder = new SpanRecorder(_spans);
        Assert.Empty(recorder.Spans);
        Assert.Null(Assert.Single(_events.All().Events).TraceParent);
    }

    private static (ActivityTraceId, ActivitySpanId) Ids(ActivityContext span) => (span.TraceId, span.SpanId);

    private void Note(EventKind kind, string pool, string backend) => _events.Note(new EventNote(kind, $"{pool}/{backend}") { Pool = pool, Backend = backend });

    private ActivityContext Asked(AdminRoute route, string target)
    {
        var entry = new AuditEntry(route, null);
        var span = new ActivityContext(ActivityTraceId.CreateRandom(), ActivitySpanId.CreateRandom(), ActivityTraceFlags.Recorded);
        _decisions.Asked(entry, span);

        // As with those whose body names it.
        entry.Names(target);
        return span;
    }

    private ActivityContext Cause(string backend, MoveReason reason) => _decisions.CauseOf("web", BackendKey.Of(backend), reason);
}

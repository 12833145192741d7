using System.Diagnostics;
using ActorLb.Engine.Traces;
using ActorLb.Node.Events;
using ActorLb.Node.Otlp;
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

    public DecisionSpanTests()
    {
        _spans = new SpanSource(_time);
        _events = new EventLog("lb1", _time.GetUtcNow, NullLogger.Instance);
        new DecisionSpans(_spans, _events).Start();
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
        Assert.Equal(spans[0].Context, Assert.Single(spans[1].Links).Context);
        Assert.Empty(spans[0].Links);
        Assert.NotEqual(spans[0].TraceId, spans[1].TraceId);
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
    }
}

using ActorLb.Engine.Traces;
using Prometheus;

namespace ActorLb.Node.Otlp;

/// <summary>What became of traces and their spans. None of it where traces are off.</summary>
internal static class TraceMetrics
{
    public static void AddTo(CollectorRegistry registry, RequestTraces traces, SpanPush push)
    {
        Counter requests = Metrics.WithCustomRegistry(registry).CreateCounter(
            "actorlb_traces_total", "Traces of requests that were to be recorded.", ["outcome"]);
        Counter spans = Metrics.WithCustomRegistry(registry).CreateCounter(
            "actorlb_trace_spans_total", "Spans for a collector.", ["outcome"]);
        registry.AddBeforeCollectCallback(() =>
        {
            if (traces.IsOn)
            {
                requests.WithLabels("recorded").IncTo(traces.Taken);
                requests.WithLabels("refused").IncTo(traces.Refused);
                spans.WithLabels("taken").IncTo(push.Pushed);
                spans.WithLabels("failed").IncTo(push.Failed);
                spans.WithLabels("dropped").IncTo(push.Dropped);
            }
        });
    }
}
